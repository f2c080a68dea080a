package io.fuseline.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MemoryUseTest {
  @Test
  void shouldBeTheSameWhenSentAsALine() {
    MemoryUse use = new MemoryUse(3, 5);

    assertThat(MemoryUse.ofLine(use.toLine())).contains(use);
    assertThat(MemoryUse.ofLine("ready")).isEmpty();
  }

  @Test
  void shouldHoldMoreHeapWhenSomethingIsKept() {
    long before = MemoryUse.now().heapBytes();
    byte[] kept = new byte[64 << 20];

    assertThat(MemoryUse.now().heapBytes() - before).isGreaterThan(60L << 20);
    assertThat(kept).hasSize(64 << 20);
  }
}
