package io.fuseline.deploy.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpanLinesTest {
  @TempDir Path folder;

  @Test
  void shouldNumberEveryLineAlsoEmptyOnesAndTheLastWithoutAnEnd() throws IOException {
    assertThat(read("a\n\nb")).containsExactly("1 a", "2 ", "3 b");
  }

  @Test
  void shouldNotMakeALineOfTheEndOfTheLastOne() throws IOException {
    assertThat(read("a\n")).containsExactly("1 a");
    assertThat(read("")).isEmpty();
  }

  @Test
  void shouldPutLinesTogetherThatAreLongerThanItsBuffer() throws IOException {
    String first = "x".repeat(65_535);
    String second = "y".repeat(200_000);

    assertThat(read(first + "\n" + second + "\nz\n"))
        .containsExactly("1 " + first, "2 " + second, "3 z");
  }

  @Test
  void shouldNotKeepALineThatIsTooLong() throws IOException {
    assertThat(read("x".repeat(SpanLines.MAX_LINE_BYTES + 1) + "\nb\n"))
        .containsExactly("1 (too long)", "2 b");
  }

  private List<String> read(String text) throws IOException {
    Path file = Files.writeString(folder.resolve("lines"), text);
    List<String> found = new ArrayList<>();
    try (SpanLines lines = new SpanLines(file)) {
      for (SpanLines.Line line = lines.next(); line != null; line = lines.next()) {
        found.add(
            line.number()
                + " "
                + (line.bytes() == null
                    ? "(too long)"
                    : new String(line.bytes(), StandardCharsets.UTF_8)));
      }
    }
    return found;
  }
}
