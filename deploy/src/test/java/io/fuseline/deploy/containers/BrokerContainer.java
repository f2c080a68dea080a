package io.fuseline.deploy.containers;

import com.github.dockerjava.api.command.InspectContainerResponse;
import java.time.Duration;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.ImageFromDockerfile;
import org.testcontainers.images.builder.Transferable;

/**
 * The broker image, reachable as {@code broker:9092} in its network and under {@link
 * #hostAddress()} from here.
 */
final class BrokerContainer extends GenericContainer<BrokerContainer> {
  private static final int HOST_PORT = 9094;
  private static final String ADDRESS_FILE = "/tmp/host-address";

  BrokerContainer(ImageFromDockerfile image, Network network) {
    super(image);
    withNetwork(network);
    withNetworkAliases("broker");
    withEnv("ADVERTISED_HOST", "broker");
    withEnv("HOST_ADDRESS_FILE", ADDRESS_FILE);
    withExposedPorts(HOST_PORT);
    waitingFor(
        Wait.forLogMessage(".*Kafka Server started.*", 1)
            .withStartupTimeout(Duration.ofMinutes(2)));
  }

  String hostAddress() {
    return getHost() + ":" + getMappedPort(HOST_PORT);
  }

  /** The broker tells its clients the port they are mapped to, which is known only now. */
  @Override
  protected void containerIsStarting(InspectContainerResponse container) {
    copyFileToContainer(Transferable.of(hostAddress()), ADDRESS_FILE);
  }
}
