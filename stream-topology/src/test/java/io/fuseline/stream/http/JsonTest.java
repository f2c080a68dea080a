package io.fuseline.stream.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fuseline.stream.query.CostQueries.Episodes;
import io.fuseline.stream.query.CostQueries.Staleness;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonTest {

  @ParameterizedTest
  @CsvSource({
    "0.000000000001, 0.000000000001",
    "1E+20, 100000000000000000000",
    "0E-12, 0",
    "12.500000000000, 12.5",
    "-0.10, -0.1",
    "100, 100"
  })
  void shouldWriteMoneyPlainWhateverItsScale(BigDecimal money, String plain) {
    assertThat(text(Json.write(List.of(money)))).isEqualTo("[\"" + plain + "\"]");
  }

  @Test
  void shouldSayCurrencyFirstAndNullWhenUnknown() {
    var answer = new Episodes(List.of(), new Staleness("a:1", true, null));
    assertThat(text(Json.writeAnswer("USD", answer)))
        .isEqualTo(
            "{\"currency\":\"USD\",\"episodes\":[],"
                + "\"staleness\":{\"instance\":\"a:1\",\"partial\":true,\"newestEvent\":null}}");
  }

  @Test
  void shouldSkipMembersOfANewerVersionWhenReading() throws Exception {
    String newer =
        "{\"currency\":\"USD\",\"novel\":{},\"episodes\":[],\"staleness\":{\"instance\":\"a:1\",\"partial\":false,"
            + "\"newestEvent\":\"2026-05-04T12:00:00.000001Z\",\"more\":1}}";
    Episodes read = Json.readAnswer(newer.getBytes(StandardCharsets.UTF_8), "USD", Episodes.class);
    assertThat(read.staleness().newestEvent())
        .isEqualTo(Instant.parse("2026-05-04T12:00:00.000001Z"));
  }

  @Test
  void shouldFailWhenTheAnswerIsNotOurs() {
    byte[] page = "<html>".getBytes(StandardCharsets.UTF_8);
    assertThatThrownBy(() -> Json.readAnswer(page, "USD", Episodes.class))
        .isInstanceOf(IOException.class);
    assertThat(Json.problemType(page)).isEmpty();
  }

  private static String text(byte[] json) {
    return new String(json, StandardCharsets.UTF_8);
  }
}
