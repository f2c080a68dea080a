package io.fuseline.deploy.stack;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The folder in which Fuseline is installed, with the servers of the local stack beside our own
 * jars.
 *
 * <pre>
 * bin/fuseline   the launcher
 * conf/          settings of the broker's log
 * lib/           our class path
 * lib-broker/    the class path of the Kafka broker, never mixed with ours
 * registry/      the schema registry
 * </pre>
 */
public final class Distribution {
  /** System property that names the folder; the launcher sets it. */
  public static final String HOME_PROPERTY = "fuseline.home";

  /** Environment variable that names the folder when the property is not set. */
  public static final String HOME_VARIABLE = "FUSELINE_HOME";

  private static final String BROKER_JAR = "kafka_2.13-";

  private final Path home;

  private Distribution(Path home) {
    this.home = home;
  }

  /**
   * Finds the folder: system property {@value #HOME_PROPERTY}, else environment variable {@value
   * #HOME_VARIABLE}, else the folder above the {@code lib} our own jar lies in.
   *
   * @throws StackException when none of the three names a folder
   */
  public static Distribution find() {
    Path home =
        Optional.ofNullable(System.getProperty(HOME_PROPERTY))
            .or(() -> Optional.ofNullable(System.getenv(HOME_VARIABLE)))
            .map(Path::of)
            .or(Distribution::aboveOurJar)
            .orElseThrow(
                () ->
                    new StackException(
                        "The Fuseline folder is unknown: start with bin/fuseline, or set "
                            + HOME_VARIABLE
                            + " to the folder that 'mvn package' leaves in deploy/target/fuseline."));
    return at(home);
  }

  /**
   * The distribution in a given folder.
   *
   * @throws StackException when there is no such folder
   */
  public static Distribution at(Path home) {
    if (!Files.isDirectory(home)) {
      throw new StackException(
          "No folder "
              + home
              + ": "
              + HOME_VARIABLE
              + " must name the folder Fuseline is installed in.");
    }
    return new Distribution(home.toAbsolutePath().normalize());
  }

  /** Folder with settings. */
  Path conf() {
    return home.resolve("conf");
  }

  /** Class path of the broker, in the form of the {@code -cp} option. */
  String brokerClassPath() {
    return brokerJar().resolveSibling("*").toString();
  }

  /** Version of the Kafka broker, which is not that of our clients. */
  public String brokerVersion() {
    String jar = brokerJar().getFileName().toString();
    return jar.substring(BROKER_JAR.length(), jar.length() - ".jar".length());
  }

  private Path brokerJar() {
    return only(requireFolder("lib-broker", "the Kafka broker"), BROKER_JAR + "*.jar");
  }

  /** The runnable jar of the schema registry. */
  Path registryJar() {
    return only(requireFolder("registry", "the schema registry"), "*-runner.jar");
  }

  /** Two would be of two builds with different versions, which do not run together. */
  private static Path only(Path folder, String pattern) {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, pattern)) {
      files.forEach(found::add);
    } catch (IOException e) {
      throw new StackException("Cannot list " + folder + ": " + e.getMessage(), e);
    }
    if (found.size() != 1) {
      throw new StackException(
          "Expected one "
              + pattern
              + " in "
              + folder
              + " but found "
              + found.stream().sorted().toList()
              + ": build again with 'mvn clean package'.");
    }
    return found.get(0);
  }

  private Path requireFolder(String name, String what) {
    Path folder = home.resolve(name);
    if (!Files.isDirectory(folder)) {
      throw new StackException(
          "No folder "
              + folder
              + " with "
              + what
              + ": build it with 'mvn package' (module deploy/broker collects it), or use servers of your own.");
    }
    return folder;
  }

  private static Optional<Path> aboveOurJar() {
    CodeSource source = Distribution.class.getProtectionDomain().getCodeSource();
    if (source == null) {
      return Optional.empty();
    }
    try {
      Path jar = Path.of(source.getLocation().toURI());
      Path lib = jar.getParent();
      boolean installed = Files.isRegularFile(jar) && lib.endsWith("lib");
      return installed ? Optional.ofNullable(lib.getParent()) : Optional.empty();
    } catch (URISyntaxException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
