package io.fuseline.stream.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A real Chromium without a window, driven over the W3C WebDriver protocol. */
final class Browser implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern STARTED = Pattern.compile("started successfully on port (\\d+)");

  private final HttpClient http = HttpClient.newHttpClient();
  private final Process driver;
  private final String session;

  private Browser(Process driver, String session) {
    this.driver = driver;
    this.session = session;
  }

  /** Why no browser can be started on this machine; empty when one can. */
  static Optional<String> missing() {
    return Stream.of("chromium", "chromedriver")
        .filter(
            program ->
                Stream.of("/usr/bin/", "/usr/local/bin/")
                    .noneMatch(dir -> Files.isExecutable(Path.of(dir + program))))
        .findFirst()
        .map(program -> program + " is not installed (apt-get install chromium chromium-driver)");
  }

  /**
   * @param profile a new, empty folder for the browser's own files
   */
  static Browser start(Path profile) throws IOException, InterruptedException {
    Process driver =
        new ProcessBuilder(program("chromedriver"), "--port=0").redirectErrorStream(true).start();
    var unset = new Browser(driver, null);
    try {
      String base = "http://127.0.0.1:" + port(driver);
      Map<String, Object> options =
          Map.of(
              "binary",
              program("chromium"),
              "args",
              List.of(
                  "--headless",
                  "--no-sandbox",
                  "--disable-gpu",
                  "--disable-quic",
                  "--disable-dev-shm-usage",
                  "--no-first-run",
                  "--disable-background-networking",
                  "--disable-component-update",
                  "--disable-sync",
                  "--lang=en-US",
                  "--window-size=1280,900",
                  "--hide-scrollbars",
                  "--user-data-dir=" + profile));
      JsonNode created =
          unset.call(
              "POST",
              base + "/session",
              Map.of(
                  "capabilities",
                  Map.of(
                      "alwaysMatch",
                      Map.of(
                          "goog:chromeOptions",
                          options,
                          "goog:loggingPrefs",
                          Map.of("browser", "ALL")))));
      return new Browser(driver, base + "/session/" + created.path("sessionId").asText());
    } catch (IOException | InterruptedException | RuntimeException e) {
      driver.destroy();
      throw e;
    }
  }

  void open(String address) {
    post("/url", Map.of("url", address));
  }

  /** The value of a JavaScript expression. */
  JsonNode value(String expression) {
    return post("/execute/sync", Map.of("script", "return " + expression, "args", List.of()));
  }

  String text(String selector) {
    return value("document.querySelector(" + quoted(selector) + ")?.innerText ?? ''").asText();
  }

  int count(String selector) {
    return value("document.querySelectorAll(" + quoted(selector) + ").length").asInt();
  }

  void click(String selector) {
    value("document.querySelector(" + quoted(selector) + ").click()");
  }

  /** As a screen of this size; scheme is {@code light} or {@code dark}. */
  void emulate(int width, int height, String scheme) {
    cdp(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
    cdp(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
  }

  /** The whole page, not only what fits on the screen. */
  void screenshot(Path file) throws IOException {
    JsonNode shot =
        cdp("Page.captureScreenshot", Map.of("format", "png", "captureBeyondViewport", true));
    Files.createDirectories(file.getParent());
    Files.write(file, Base64.getDecoder().decode(shot.path("data").asText()));
  }

  /** Errors on the console since the last call: failed scripts, refused content, failed loads. */
  List<String> consoleErrors() {
    var errors = new ArrayList<String>();
    post("/se/log", Map.of("type", "browser"))
        .forEach(
            entry -> {
              if (entry.path("level").asText().equals("SEVERE")) {
                errors.add(entry.path("message").asText());
              }
            });
    return errors;
  }

  @Override
  public void close() throws InterruptedException {
    try {
      call("DELETE", session, null);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      driver.destroy();
      driver.waitFor(10, TimeUnit.SECONDS);
    }
  }

  private JsonNode cdp(String command, Map<String, Object> parameters) {
    return post("/goog/cdp/execute", Map.of("cmd", command, "params", parameters));
  }

  private JsonNode post(String path, Object body) {
    try {
      return call("POST", session + path, body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while waiting for the browser", e);
    }
  }

  private JsonNode call(String method, String address, Object body)
      throws IOException, InterruptedException {
    var publisher =
        body == null
            ? HttpRequest.BodyPublishers.noBody()
            : HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body));
    var answer =
        http.send(
            HttpRequest.newBuilder(URI.create(address)).method(method, publisher).build(),
            BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IOException(
          method + " " + address + " answered " + answer.statusCode() + ": " + answer.body());
    }
    return JSON.readTree(answer.body()).path("value");
  }

  private static int port(Process driver) throws IOException {
    var output =
        new BufferedReader(new InputStreamReader(driver.getInputStream(), StandardCharsets.UTF_8));
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      Matcher started = STARTED.matcher(line);
      if (started.find()) {
        return Integer.parseInt(started.group(1));
      }
    }
    throw new IOException("chromedriver ended before it listened");
  }

  private static String program(String name) {
    Path usual = Path.of("/usr/bin", name);
    return (Files.isExecutable(usual) ? usual : Path.of("/usr/local/bin", name)).toString();
  }

  private static String quoted(String text) throws IllegalArgumentException {
    try {
      return JSON.writeValueAsString(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
