package io.fuseline.deploy.backtest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A real Chromium without a window that opens one file and ends.
 *
 * @param profile an empty folder for its own files
 */
record Chromium(Path program, Path profile) {
  /** Why tests are skipped. */
  static final String MISSING = "chromium is not installed (apt-get install chromium)";

  static Optional<Path> find() {
    return Stream.of("/usr/bin/chromium", "/usr/local/bin/chromium")
        .map(Path::of)
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** The document after its scripts have run. */
  String dom(Path page) throws IOException, InterruptedException {
    Path dom = Files.createTempFile(profile, "dom", ".html");
    run(dom, page, List.of("--dump-dom"));
    return Files.readString(dom);
  }

  /**
   * A picture of the page's first {@code height} pixels.
   *
   * @return what stood on the console
   */
  String picture(Path page, Path png, int width, int height, boolean dark)
      throws IOException, InterruptedException {
    Files.createDirectories(png.toAbsolutePath().getParent());
    return run(
        Files.createTempFile(profile, "none", ""),
        page,
        List.of(
            "--screenshot=" + png.toAbsolutePath(),
            "--window-size=" + width + "," + height,
            "--blink-settings=preferredColorScheme=" + (dark ? 0 : 1)));
  }

  private String run(Path out, Path page, List<String> what)
      throws IOException, InterruptedException {
    Path log = Files.createTempFile(profile, "console", ".log");
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    command.addAll(
        List.of(
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            "--lang=en-US",
            "--virtual-time-budget=2000",
            "--enable-logging=stderr",
            "--user-data-dir=" + Files.createTempDirectory(profile, "profile")));
    command.addAll(what);
    command.add(page.toUri().toString());
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(log.toFile())
            .start();
    if (!process.waitFor(2, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new IOException("Chromium did not end; its log: " + Files.readString(log));
    }
    return new String(Files.readAllBytes(log), StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.contains("CONSOLE"))
        .reduce("", (lines, line) -> lines + line + "\n");
  }
}
