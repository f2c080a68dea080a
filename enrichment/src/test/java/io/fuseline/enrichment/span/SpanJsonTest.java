package io.fuseline.enrichment.span;

import static org.assertj.core.api.Assertions.assertThat;

import io.fuseline.enrichment.span.SpanJson.Line;
import io.fuseline.schemas.SpanKind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpanJsonTest {

  private static final String TEXT =
      """
      {"span_id": "a", "kind": "LLM", "end_time": 1767621261281, "usage": {"input_tokens": 3}}

      {"span_id": "b", "kind": "TOOL", "end_time": "2026-01-05T13:54:21Z"}
      {"span_id": "c", "kind": "LLM", "usage": {"input_tokens": "many"}}
      {broken
      {"span_id": "d", "kind": "TOOL"}
      """;

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shouldReadEverySpanAndSayWhatIsWrongWithTheOtherLines(boolean gzip) throws IOException {
    Path file = folder.resolve("spans.jsonl");
    Files.write(file, gzip ? zipped(TEXT) : TEXT.getBytes(StandardCharsets.UTF_8));

    List<Line> lines;
    try (Stream<Line> read = SpanJson.read(file)) {
      lines = read.toList();
    }

    assertThat(lines).extracting(Line::number).containsExactly(1L, 3L, 4L, 5L, 6L);
    assertThat(lines.get(0).span().getEndTime()).isEqualTo(Instant.ofEpochMilli(1767621261281L));
    assertThat(lines.get(0).span().getUsage()).containsEntry("input_tokens", 3L);
    assertThat(lines.get(1).span().getKind()).isEqualTo(SpanKind.TOOL);
    assertThat(lines.get(2).span()).isNull();
    assertThat(lines.get(2).fault()).contains("spans.jsonl:4: ").contains("usage.input_tokens");
    assertThat(lines.get(3).fault()).contains("spans.jsonl:5: ");
    assertThat(lines.get(4).span().getSpanId()).isEqualTo("d");
  }

  @Test
  void shouldReadAnEmptyFile() throws IOException {
    try (Stream<Line> read = SpanJson.read(Files.createFile(folder.resolve("empty.jsonl")))) {
      assertThat(read).isEmpty();
    }
  }

  private static byte[] zipped(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(bytes)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }
}
