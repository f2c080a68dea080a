package io.fuseline.enrichment;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** Real data that is not part of the repository: {@code shared/data} beside it. */
public final class SharedData {

  private SharedData() {}

  /** The file under {@code shared/data}; without it the test is skipped, and says so. */
  public static Path file(String name) {
    Path file = Path.of("..", "..", "shared", "data").resolve(name).normalize();
    if (!Files.exists(file)) {
      System.out.println("SKIPPED: real data is not here: " + file.toAbsolutePath().normalize());
    }
    Assumptions.assumeTrue(Files.exists(file), () -> "real data is not here: " + file);
    return file;
  }
}
