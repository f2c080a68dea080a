package io.fuseline.stream.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fuseline.schemas.Dimension;
import io.fuseline.schemas.TargetType;
import io.fuseline.schemas.WindowSize;
import io.fuseline.stream.query.CostQueries;
import io.fuseline.stream.query.CostQueries.Span;
import io.fuseline.stream.query.CostQueries.StoreUnavailable;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.apache.kafka.streams.state.HostInfo;
import org.assertj.core.api.recursive.comparison.RecursiveComparisonConfiguration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InstanceClientTest {
  private static final Instant NOW = Instant.parse("2026-05-04T12:40:30.123456Z");
  private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
  private static final ExampleQueries FLEET = ExampleQueries.fleet(CLOCK);
  private static final MovingQueries LOCAL = new MovingQueries(FLEET);
  private static final RecordingQueries ASKED = new RecordingQueries(LOCAL);
  private static final InstanceClient CLIENT = new InstanceClient("USD", Duration.ofSeconds(5));

  /** 1.50 and 1.5 are the same money. */
  private static final RecursiveComparisonConfiguration SAME =
      RecursiveComparisonConfiguration.builder()
          .withComparatorForType(BigDecimal::compareTo, BigDecimal.class)
          .build();

  private static HttpServer server;
  private static CostQueries remote;

  @BeforeAll
  static void start() {
    server = HttpServerFixture.start(FLEET, ASKED, CLOCK);
    remote = CLIENT.at(new HostInfo("127.0.0.1", server.port()));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void shouldGiveTheSameAnswersWhenAskedThroughHttp() {
    Instant from = NOW.minusSeconds(3_600);
    assertThat(remote.costs(Dimension.AGENT, "acme", "code-review", WindowSize.MINUTE, from, NOW))
        .usingRecursiveComparison(SAME)
        .isEqualTo(
            FLEET.costs(Dimension.AGENT, "acme", "code-review", WindowSize.MINUTE, from, NOW));
    assertThat(remote.topSpenders(Dimension.TOOL, null, Span.DAY, 5))
        .usingRecursiveComparison(SAME)
        .isEqualTo(FLEET.topSpenders(Dimension.TOOL, null, Span.DAY, 5));
    assertThat(remote.topSpenders(Dimension.TOOL, "globex", Span.HOUR, 1_000))
        .usingRecursiveComparison(SAME)
        .isEqualTo(FLEET.topSpenders(Dimension.TOOL, "globex", Span.HOUR, 1_000));
    assertThat(remote.run(ExampleQueries.LOOPING_RUN).orElseThrow())
        .usingRecursiveComparison(SAME)
        .isEqualTo(FLEET.run(ExampleQueries.LOOPING_RUN).orElseThrow());
    assertThat(remote.budgets(TargetType.COST_CENTRE, "acme", "cc/7"))
        .usingRecursiveComparison(SAME)
        .isEqualTo(FLEET.budgets(TargetType.COST_CENTRE, "acme", "cc/7"));
    assertThat(remote.openCommands(10))
        .usingRecursiveComparison()
        .isEqualTo(FLEET.openCommands(10));
    assertThat(remote.openEpisodes(10))
        .usingRecursiveComparison(SAME)
        .isEqualTo(FLEET.openEpisodes(10));
    assertThat(remote.currency()).isEqualTo("USD");
  }

  @Test
  void shouldBeEmptyWhenTheInstanceDoesNotKnowTheRun() {
    assertThat(remote.run("nope")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"..", "a/b?c=d&e#f", "100 % + more", "<i>", "漢字", "a\tb"})
  void shouldAskForTheVeryNameWhenItHasSpecialCharacters(String name) {
    remote.costs(Dimension.COST_CENTRE, name, name, WindowSize.DAY, NOW.minusSeconds(86_400), NOW);
    assertThat(ASKED.value).isEqualTo(name);
    assertThat(ASKED.tenant).isEqualTo(name);
    remote.run(name);
    assertThat(ASKED.value).isEqualTo(name);
  }

  @Test
  void shouldBeUnavailableWhenItsPartitionsMove() {
    LOCAL.moveFor(1);
    assertThatThrownBy(() -> remote.openEpisodes(1))
        .isInstanceOf(StoreUnavailable.class)
        .hasMessageContaining("127.0.0.1:" + server.port());
  }

  @Test
  void shouldBeUnavailableWhenTheInstanceIsDown() throws Exception {
    int free;
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    CostQueries gone = CLIENT.at(new HostInfo("127.0.0.1", free));
    assertThatThrownBy(() -> gone.openEpisodes(1)).isInstanceOf(StoreUnavailable.class);
  }

  @Test
  void shouldBeUnavailableWhenTheInstanceIsSilent() throws Exception {
    try (var silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      CostQueries mute =
          new InstanceClient("USD", Duration.ofMillis(200))
              .at(new HostInfo("127.0.0.1", silent.getLocalPort()));
      assertThatThrownBy(() -> mute.run("r")).isInstanceOf(StoreUnavailable.class);
    }
  }

  @Test
  void shouldNameBothCurrenciesWhenTheInstanceCountsInAnother() {
    CostQueries euros =
        new InstanceClient("EUR", Duration.ofSeconds(5))
            .at(new HostInfo("127.0.0.1", server.port()));
    assertThatThrownBy(() -> euros.openEpisodes(1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'USD'")
        .hasMessageContaining("'EUR'");
  }

  @Test
  void shouldNameTheInstanceWhenItRefusesTheQuestion() {
    assertThatThrownBy(() -> remote.openEpisodes(0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("/episodes?limit=0")
        .hasMessageContaining("400");
  }
}
