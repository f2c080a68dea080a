package io.fuseline.deploy.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DistributionTest {
  @TempDir private Path home;

  private Path lib;

  @BeforeEach
  void install() throws Exception {
    lib = Files.createDirectory(home.resolve("lib-broker"));
    Files.createFile(lib.resolve("kafka_2.13-1.2.3.jar"));
    Files.createFile(lib.resolve("kafka-clients-1.2.3.jar"));
  }

  @Test
  void shouldKnowTheBrokersVersionAndClassPath() {
    Distribution distribution = Distribution.at(home);

    assertThat(distribution.brokerVersion()).isEqualTo("1.2.3");
    assertThat(distribution.brokerClassPath()).isEqualTo(lib.resolve("*").toString());
  }

  @Test
  void shouldRefuseTheJarsOfTwoBrokersInOneFolder() throws Exception {
    Files.createFile(lib.resolve("kafka_2.13-1.2.4.jar"));
    Distribution distribution = Distribution.at(home);

    assertThatThrownBy(distribution::brokerClassPath)
        .isInstanceOf(StackException.class)
        .hasMessageContaining("kafka_2.13-1.2.3.jar")
        .hasMessageContaining("kafka_2.13-1.2.4.jar")
        .hasMessageContaining("mvn clean package");
  }
}
