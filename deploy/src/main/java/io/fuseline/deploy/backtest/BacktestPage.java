package io.fuseline.deploy.backtest;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Properties;

/**
 * A backtest as one HTML page that needs no other file and no network. What spans say is in it as
 * data only, and is shown as text; no script but the page's own two may run.
 */
public final class BacktestPage {
  private static final String CHARTS = "/META-INF/maven/org.webjars.npm/chart.js/pom.properties";

  private BacktestPage() {}

  /**
   * @param regressions as of {@link BacktestReport#regressions}
   */
  public static String of(BacktestReport report, List<String> regressions) {
    ObjectNode data = report.toJson();
    ArrayNode sentences = data.putArray("regressions");
    regressions.forEach(sentences::add);
    String charts = charts();
    String script = text("page.js");
    return text("page.html")
        .replace("{{policy}}", policy(charts, script))
        .replace("{{style}}", text("page.css"))
        .replace("{{charts}}", charts)
        .replace("{{script}}", script)
        .replace("{{data}}", asData(data.toString())); // last: nothing in it is replaced
  }

  /** JSON that cannot end the element it stands in. */
  private static String asData(String json) {
    return json.replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("&", "\\u0026")
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029");
  }

  /** A browser loads nothing, and runs only what has one of these hashes. */
  private static String policy(String... scripts) {
    StringBuilder policy =
        new StringBuilder("default-src 'none'; style-src 'unsafe-inline'; script-src");
    for (String script : scripts) {
      policy.append(" 'sha256-").append(hash(script)).append('\'');
    }
    return policy.toString();
  }

  private static String hash(String script) {
    try {
      return Base64.getEncoder()
          .encodeToString(
              MessageDigest.getInstance("SHA-256").digest(script.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JVM has SHA-256", e);
    }
  }

  /** Chart.js, without the address of its source map. */
  private static String charts() {
    Properties maven = new Properties();
    try (InputStream in = open(CHARTS)) {
      maven.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return read("/META-INF/resources/webjars/chart.js/"
            + maven.getProperty("version")
            + "/dist/chart.umd.min.js")
        .replaceAll("(?m)^//# sourceMappingURL=.*$", "");
  }

  private static String text(String name) {
    return read("/io/fuseline/deploy/backtest/" + name);
  }

  private static String read(String resource) {
    try (InputStream in = open(resource)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InputStream open(String resource) {
    InputStream in = BacktestPage.class.getResourceAsStream(resource);
    if (in == null) {
      throw new IllegalStateException(resource + " is not on the class path");
    }
    return in;
  }
}
