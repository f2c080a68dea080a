package io.fuseline.alerting.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class KeyLanesTest {

  @Test
  void shouldKeepTheOrderOfEachKey() {
    List<String> done = new CopyOnWriteArrayList<>();
    try (var lanes = new KeyLanes("test", 8)) {
      for (int i = 0; i < 500; i++) {
        var key = "k" + i % 7;
        var number = i;
        lanes.add(key, () -> done.add(key + ":" + number));
      }

      await().until(() -> done.size() == 500);
    }
    for (int k = 0; k < 7; k++) {
      var key = "k" + k;
      var first = k;
      assertThat(done.stream().filter(one -> one.startsWith(key + ":")))
          .containsExactlyElementsOf(
              IntStream.range(0, 500)
                  .filter(i -> i % 7 == first)
                  .mapToObj(i -> key + ":" + i)
                  .toList());
    }
  }

  @Test
  void shouldNotWaitForAnotherKey() throws Exception {
    var release = new CountDownLatch(1);
    var passed = new CountDownLatch(1);
    try (var lanes = new KeyLanes("test", 2)) {
      lanes.add(
          "slow",
          () -> {
            try {
              release.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
      lanes.add("quick", passed::countDown);

      passed.await();
      release.countDown();
    }
  }

  @Test
  void shouldGoOnWhenATaskFails() {
    List<String> done = new CopyOnWriteArrayList<>();
    try (var lanes = new KeyLanes("test", 2)) {
      lanes.add(
          "key",
          () -> {
            throw new IllegalStateException("broken on purpose");
          });
      lanes.add("key", () -> done.add("next"));

      await().until(() -> done.equals(List.of("next")));
    }
  }
}
