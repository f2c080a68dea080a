package io.fuseline.deploy.backtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fuseline.deploy.replay.SpanScript;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.SpanStatus;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page, also in a real browser; its pictures are left in {@code target/backtest}. */
class BacktestPageTest {
  private static final Path PICTURES = Path.of("target", "backtest");
  private static final String EVIL = "</script><script>document.title='owned'</script><b>{{style}}";
  private static final int SAVED_IN_DARK = 0x5bbd93;

  @TempDir Path folder;

  private String page;

  @BeforeEach
  void makePage() throws IOException {
    List<AgentSpan> spans = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      spans.add(SpanScript.spend("wasteful", "w" + i, 60L * i, 2));
    }
    spans.get(7).setStatus(SpanStatus.ERROR);
    for (int i = 0; i < 5; i++) {
      spans.add(SpanScript.spend(EVIL, "e" + i, 60L * i, 2));
    }
    spans.get(12).setStatus(SpanStatus.OK);
    Path policies =
        Files.writeString(
            folder.resolve("caps.yaml"),
            """
            id: cap
            rule: {type: budget, per: run, limit: "6"}
            ladder: [{at: 100%, action: kill}]
            """);
    BacktestReport report =
        Backtest.with("default", "default", policies.toString(), null)
            .run(
                SpanScript.write(folder.resolve("spans.jsonl"), spans),
                new PrintWriter(new StringWriter()));
    page = BacktestPage.of(report, List.of("the candidate stops 1 run(s) that ended well"));
  }

  @Test
  void shouldNeedNothingButItself() {
    assertThat(page)
        .contains("default-src 'none'")
        .doesNotContain("sourceMappingURL")
        .doesNotContainPattern(Pattern.compile("<(script|link|img)[^>]+(src|href)="));
  }

  @Test
  void shouldCarryWhatSpansSayAsDataOnly() {
    assertThat(page).doesNotContain(EVIL).contains("\\u003c/script\\u003e").contains("{{style}}");
    assertThat(page.split("</script>", -1)).hasSize(4); // data, charts and script, and the rest
  }

  @Test
  void shouldDrawTablesAndChartsWhenOpened() throws Exception {
    Optional<Path> program = Chromium.find();
    if (program.isEmpty()) {
      System.out.println("BacktestPageTest: " + Chromium.MISSING);
    }
    assumeTrue(program.isPresent(), Chromium.MISSING);
    Chromium chromium = new Chromium(program.get(), folder);
    Path file = Files.writeString(folder.resolve("page.html"), page);

    assertThat(chromium.dom(file))
        .contains("The candidate is worse than the baseline")
        .contains("1 run ended well, 1 badly")
        .contains("&lt;/script&gt;&lt;script&gt;document.title='owned'") // as text
        .contains("<title>Fuseline backtest</title>")
        .contains("New stops: 2");
    assertThat(chromium.picture(file, PICTURES.resolve("page-light.png"), 1240, 1900, false))
        .as("console")
        .isEmpty();
    Path dark = PICTURES.resolve("page-dark.png");
    chromium.picture(file, dark, 1240, 1900, true);
    chromium.picture(file, PICTURES.resolve("page-narrow.png"), 500, 2600, false);
    assertThat(pixels(dark, SAVED_IN_DARK)).as("the bars are drawn").isGreaterThan(500);
  }

  private static long pixels(Path png, int rgb) throws IOException {
    var image = ImageIO.read(png.toFile());
    long found = 0;
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        if ((image.getRGB(x, y) & 0xffffff) == rgb) {
          found++;
        }
      }
    }
    return found;
  }
}
