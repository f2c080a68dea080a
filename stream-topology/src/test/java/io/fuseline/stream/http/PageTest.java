package io.fuseline.stream.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page in a real browser; its pictures are left in {@code target/page}. */
class PageTest {
  private static final Path PICTURES = Path.of("target", "page");
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Clock CLOCK = Clock.systemUTC();

  @TempDir private static Path profile;
  private static Browser browser;

  private MovingQueries fleet;
  private HttpServer server;

  @BeforeAll
  static void startBrowser() throws Exception {
    var missing = Browser.missing();
    missing.ifPresent(reason -> System.out.println("PageTest skipped: " + reason));
    assumeTrue(missing.isEmpty(), missing.orElse(""));
    browser = Browser.start(profile);
  }

  @AfterAll
  static void stopBrowser() throws Exception {
    if (browser != null) {
      browser.close();
    }
  }

  @BeforeEach
  void startServer() {
    serve(ExampleQueries.fleet(CLOCK));
    browser.emulate(1280, 900, "light");
    browser.consoleErrors(); // Forgets those of the test before.
  }

  @AfterEach
  void stopServer() {
    server.close();
    browser.open("about:blank");
  }

  @Test
  void shouldShowTheFleetWhenOpened() throws Exception {
    openLive("/");

    assertThat(browser.count("main tbody tr")).isEqualTo(7);
    assertThat(browser.text("main tbody tr")).contains("deep-research").contains("$");
    assertThat(browser.text(".episodes li"))
        .contains("Kill")
        .contains(ExampleQueries.LOOPING_RUN)
        .contains("$4.12");
    assertThat(browser.count(".ranked li")).isEqualTo(10);
    assertThat(
            browser.value("document.querySelector('canvas').getAttribute('aria-label')").asText())
        .contains("Spend per minute");
    assertThat(browser.text("footer")).contains("pipeline-0:8080");
    assertThat(drawnPixels()).as("the chart is drawn").isGreaterThan(1_000);
    assertThat(browser.consoleErrors()).isEmpty();
    browser.screenshot(PICTURES.resolve("overview.png"));
  }

  @Test
  void shouldShowOneTenantWhenChosen() {
    openLive("/");
    browser.value(
        "(() => { const s = document.getElementById('tenant'); s.value = 'globex';"
            + " s.dispatchEvent(new Event('change')); })()");
    await().atMost(PATIENCE).until(() -> browser.count("main tbody tr") == 3);
    assertThat(browser.text("main tbody")).contains("data-cleaner").doesNotContain("code-review");
    assertThat(browser.count(".episodes li")).isEqualTo(1);
  }

  @Test
  void shouldShowAnAgentsSeriesWhenItsNameIsClicked() throws Exception {
    openLive("/");
    browser.click("main tbody tr a");
    await().atMost(PATIENCE).until(() -> browser.text(".figures").contains("Tokens"));
    assertThat(browser.text("h1")).isEqualTo("deep-research");
    browser.screenshot(PICTURES.resolve("agent.png"));

    browser.click(".ranges button:nth-child(2)");
    await().atMost(PATIENCE).until(() -> browser.text(".figures").contains("last 24 hours"));
    assertThat(browser.consoleErrors()).isEmpty();
  }

  @Test
  void shouldShowTreeAndTimelineWhenARunIsClicked() throws Exception {
    openLive("/");
    browser.click(".episodes li a");
    await().atMost(PATIENCE).until(() -> browser.text(".figures").contains("Spent after stop"));

    assertThat(browser.text("h1")).isEqualTo(ExampleQueries.LOOPING_RUN);
    assertThat(browser.text(".headline")).contains("killed");
    assertThat(browser.text("main"))
        .contains("source-finder")
        .contains("page-reader")
        .contains("unpriced");
    assertThat(browser.count("th.child")).isEqualTo(3);
    assertThat(browser.consoleErrors()).isEmpty();
    browser.screenshot(PICTURES.resolve("run.png"));
  }

  @Test
  void shouldSayWhatToDoWhenTheRunIsUnknown() {
    openLive("/");
    browser.value(
        "(() => { document.getElementById('run-id').value = 'no such/run';"
            + " document.getElementById('open-run').requestSubmit(); })()");
    await().atMost(PATIENCE).until(() -> browser.text("#notice").contains("no such/run"));
    assertThat(browser.text("#notice")).contains("root run");
  }

  @Test
  void shouldShowNamesAsTextWhenTheyAreMarkup() throws Exception {
    server.close();
    serve(ExampleQueries.hostileFleet(CLOCK));

    openLive("/");
    assertThat(browser.text("main tbody")).contains("<img src=x onerror=");
    assertThat(browser.text(".ranked")).contains("<script>");
    assertHarmless();

    browser.click("main tbody tr a");
    await().atMost(PATIENCE).until(() -> browser.text(".figures").contains("Tokens"));
    assertThat(browser.text("h1")).startsWith("<img src=x onerror=");
    assertHarmless();

    browser.open(address("/#/run/" + ExampleQueries.LOOPING_RUN));
    await().atMost(PATIENCE).until(() -> browser.text("main").contains("Spent after stop"));
    assertThat(browser.text("main")).contains("<script>");
    assertHarmless();

    browser.open(address("/#/run/%3Cimg%20src%3Dx%20onerror%3D%22window.hacked%3D1%22%3E"));
    await().atMost(PATIENCE).until(() -> browser.text("#notice").contains("<img"));
    assertHarmless();
  }

  @Test
  void shouldKeepTheFiguresAndSaySoWhenTheServerIsGone() throws Exception {
    openLive("/");
    server.close();
    await().atMost(PATIENCE).until(() -> browser.text("#status").equals("Unreachable"));
    assertThat(browser.text("#notice")).contains("Figures are from");
    assertThat(browser.count("main tbody tr")).isEqualTo(7);
    browser.screenshot(PICTURES.resolve("unreachable.png"));
  }

  @Test
  void shouldSaySoWhenPartitionsMoveAndRecover() {
    openLive("/");
    fleet.moveFor(Integer.MAX_VALUE);
    await().atMost(PATIENCE).until(() -> browser.text("#status").startsWith("Rebalancing"));
    assertThat(browser.text("#notice")).contains("pipeline-1:8080");
    fleet.moveFor(0);
    await().atMost(PATIENCE).until(() -> browser.text("#status").startsWith("Live"));
    assertThat(browser.text("#notice")).isEmpty();
  }

  @Test
  void shouldFitAPhoneAndADarkRoom() throws Exception {
    for (String view :
        new String[] {
          "/", "/#/run/" + ExampleQueries.LOOPING_RUN, "/#/costs/agent/acme/deep-research"
        }) {
      browser.emulate(390, 844, "light");
      openLive(view);
      assertThat(browser.value("document.documentElement.scrollWidth").asInt())
          .as(view)
          .isLessThanOrEqualTo(390);
      String name = view.contains("run") ? "run" : view.contains("agent") ? "agent" : "overview";
      browser.screenshot(PICTURES.resolve(name + "-phone.png"));
      browser.emulate(1280, 900, "dark");
      browser.screenshot(PICTURES.resolve(name + "-dark.png"));
      browser.open("about:blank");
    }
  }

  private void serve(ExampleQueries queries) {
    fleet = new MovingQueries(queries);
    server = HttpServerFixture.start(fleet, fleet, CLOCK);
  }

  private void openLive(String path) {
    browser.open(address(path));
    await().atMost(PATIENCE).until(() -> browser.text("#status").startsWith("Live"));
  }

  private String address(String path) {
    return "http://127.0.0.1:" + server.port() + path;
  }

  private static void assertHarmless() throws IOException {
    assertThat(browser.value("typeof window.hacked").asText()).isEqualTo("undefined");
    assertThat(browser.count("main img, main script, main [onerror], main a[href^='javascript']"))
        .isZero();
    assertThat(browser.consoleErrors())
        .noneMatch(error -> error.contains("Content Security Policy"));
  }

  private static int drawnPixels() {
    return browser
        .value(
            "(() => { const c = document.querySelector('canvas');"
                + " const p = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
                + " let n = 0; for (let i = 3; i < p.length; i += 4) if (p[i] > 0) n++; return n; })()")
        .asInt();
  }
}
