package io.fuseline.stream.http;

import io.fuseline.schemas.Dimension;
import io.fuseline.schemas.TargetType;
import io.fuseline.schemas.WindowSize;
import io.fuseline.stream.query.CostQueries;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * A small fleet held in memory: what the interface promises, over figures that look like a working
 * day. One agent loops and was killed, one exploded in tool calls and is throttled.
 */
final class ExampleQueries implements CostQueries {
  static final String LOOPING_RUN = "run-7f3a91c2";
  private static final String INSTANCE = "pipeline-0:8080";

  /** One value of a dimension and what it costs in a usual minute, in millionths of a dollar. */
  private record Member(Dimension dimension, String tenant, String name, long microsPerMinute) {}

  private final Clock clock;
  private final List<Member> members;
  private final String loopingAgent;
  private final String loopingTool;

  private ExampleQueries(Clock clock, String loopingAgent, String loopingTool) {
    this.clock = clock;
    this.loopingAgent = loopingAgent;
    this.loopingTool = loopingTool;
    this.members =
        List.of(
            new Member(Dimension.AGENT, "acme", "support-triage", 41_250),
            new Member(Dimension.AGENT, "acme", "code-review", 96_400),
            new Member(Dimension.AGENT, "acme", loopingAgent, 173_900),
            new Member(Dimension.AGENT, "acme", "invoice-matching", 18_300),
            new Member(Dimension.AGENT, "globex", "market-brief", 60_750),
            new Member(Dimension.AGENT, "globex", "data-cleaner", 122_100),
            new Member(Dimension.AGENT, "globex", "mail-drafts", 2_150),
            new Member(Dimension.TOOL, "acme", loopingTool, 88_000),
            new Member(Dimension.TOOL, "acme", "repo.read_file", 12_500),
            new Member(Dimension.TOOL, "globex", "sql.query", 34_000),
            new Member(Dimension.TOOL, "globex", "mcp/files/read", 9_400),
            new Member(Dimension.MODEL, "acme", "claude-sonnet-4-5", 204_000),
            new Member(Dimension.MODEL, "acme", "gpt-5-mini", 31_000),
            new Member(Dimension.MODEL, "globex", "gemini-2.5-pro", 118_000),
            new Member(Dimension.TEAM, "acme", "customer care", 130_000),
            new Member(Dimension.TEAM, "acme", "platform", 99_000),
            new Member(Dimension.TEAM, "globex", "research", 140_000),
            new Member(Dimension.TENANT, "acme", "acme", 329_850),
            new Member(Dimension.TENANT, "globex", "globex", 185_000));
  }

  static ExampleQueries fleet(Clock clock) {
    return new ExampleQueries(clock, "deep-research", "web_search");
  }

  /** The same fleet, in which an agent chose names that a careless page would run. */
  static ExampleQueries hostileFleet(Clock clock) {
    return new ExampleQueries(
        clock,
        "<img src=x onerror=\"window.hacked='agent'\">",
        "</td><script>window.hacked='tool'</script><a href=\"javascript:window.hacked=1\">x</a>");
  }

  @Override
  public String currency() {
    return "USD";
  }

  @Override
  public Series costs(
      Dimension dimension,
      String tenant,
      String value,
      WindowSize window,
      Instant from,
      Instant to) {
    Duration length = length(window);
    List<Cell> cells =
        member(dimension, tenant, value).stream()
            .flatMap(
                member ->
                    cells(
                        member, length, from, to.isBefore(clock.instant()) ? to : clock.instant()))
            .toList();
    return new Series(dimension, tenant, value, window, cells, staleness());
  }

  @Override
  public Ranking topSpenders(Dimension dimension, String tenant, Span span, int limit) {
    Instant now = clock.instant();
    Instant since = now.truncatedTo(span == Span.HOUR ? ChronoUnit.HOURS : ChronoUnit.DAYS);
    List<Ranked> ranked =
        members.stream()
            .filter(member -> member.dimension() == dimension)
            .filter(member -> tenant == null || member.tenant().equals(tenant))
            .map(member -> ranked(member, since, now))
            .sorted(Comparator.comparing(Ranked::cost).reversed())
            .limit(limit)
            .toList();
    return new Ranking(dimension, span, ranked, staleness());
  }

  @Override
  public Optional<RunView> run(String rootRunId) {
    return rootRunId.equals(LOOPING_RUN) ? Optional.of(loopingRun()) : Optional.empty();
  }

  @Override
  public Episodes openEpisodes(int limit) {
    return new Episodes(episodes().limit(limit).toList(), staleness());
  }

  @Override
  public Budgets budgets(TargetType type, String tenant, String scope) {
    BudgetView daily =
        new BudgetView(
            "daily",
            "6f1a",
            "ENFORCE",
            "DAY",
            "USD",
            type,
            scope,
            new BigDecimal("361.5"),
            new BigDecimal("500"),
            BigDecimal.ZERO,
            new BigDecimal("500"),
            new BigDecimal("12"),
            new BigDecimal("126.5"),
            new BigDecimal("30.125"),
            null,
            clock.instant().truncatedTo(ChronoUnit.DAYS).plus(Duration.ofDays(1)));
    BudgetView calls =
        new BudgetView(
            "calls",
            "77b0",
            "SHADOW",
            "LIFE",
            "tool calls",
            type,
            scope,
            new BigDecimal("41"),
            new BigDecimal("50"),
            BigDecimal.ZERO,
            null,
            BigDecimal.ZERO,
            new BigDecimal("9"),
            null,
            null,
            null);
    return new Budgets(
        type, tenant, scope, List.of(daily, calls), new Staleness("127.0.0.1:8420", false, null));
  }

  @Override
  public OpenCommands openCommands(int limit) {
    Instant now = clock.instant();
    OpenCommandView kill =
        new OpenCommandView(
            "cmd-90b2",
            "KILL",
            TargetType.RUN,
            "acme",
            LOOPING_RUN,
            "exact-cycle",
            "ep-5530",
            now.minusSeconds(95),
            now.minusSeconds(85),
            true,
            List.of(LOOPING_RUN),
            Map.of("PARTIAL", 1L),
            List.of("worker-3 PARTIAL: one call is still running"));
    return new OpenCommands(Stream.of(kill).limit(limit).toList(), staleness());
  }

  private Stream<EpisodeView> episodes() {
    Instant now = clock.instant();
    return Stream.of(
        loopEpisode(),
        new EpisodeView(
            "ep-5521",
            "tool-explosion",
            "3b90cc1e77aa",
            TargetType.AGENT,
            "globex",
            "data-cleaner",
            "THROTTLE",
            now.minusSeconds(540),
            now.minusSeconds(415),
            new BigDecimal("6.402118"),
            new BigDecimal("0.377"),
            "sql.query was called 412 times in 5 minutes, 14 times this agent's usual rate of 29;"
                + " calls are now limited to 30 a minute.",
            List.of("cmd-90aa")),
        new EpisodeView(
            "ep-5407",
            "team-daily-cap",
            "91d0f6a2b3c4",
            TargetType.TEAM,
            "acme",
            "customer care",
            "ALERT",
            now.minusSeconds(6_300),
            now.minusSeconds(6_300),
            new BigDecimal("160.00"),
            BigDecimal.ZERO,
            "80 % of the daily cap of $200.00 is spent with 9 h of the day to go.",
            List.of()));
  }

  private EpisodeView loopEpisode() {
    Instant now = clock.instant();
    return new EpisodeView(
        "ep-5530",
        "exact-cycle",
        "a41c07de9f10",
        TargetType.RUN,
        "acme",
        LOOPING_RUN,
        "KILL",
        now.minusSeconds(96),
        now.minusSeconds(95),
        new BigDecimal("4.118250012500"),
        new BigDecimal("0.0127"),
        "The same 3 calls came 3 times with the same results ("
            + loopingTool
            + ", read_page, summarise).",
        List.of("cmd-90b1", "cmd-90b2"));
  }

  private RunView loopingRun() {
    Instant start = clock.instant().minusSeconds(760);
    List<RunNode> nodes =
        List.of(
            node(LOOPING_RUN, null, loopingAgent, "1.9304", "4.130950012500", 148, start),
            node(
                "run-8b01",
                LOOPING_RUN,
                "source-finder",
                "0.7125",
                "1.68300",
                62,
                start.plusSeconds(40)),
            node(
                "run-8b02",
                "run-8b01",
                "page-reader",
                "0.9705",
                "0.9705",
                91,
                start.plusSeconds(55)),
            node(
                "run-8c10",
                LOOPING_RUN,
                "fact-checker",
                "0.517550012500",
                "0.517550012500",
                37,
                start.plusSeconds(300)));
    List<String> names = List.of(loopingTool, "read_page", "summarise", "claude-sonnet-4-5");
    var timeline = new ArrayList<TimelineSpan>();
    for (int i = 0; i < 60; i++) {
      String name = names.get(i % 4);
      timeline.add(
          new TimelineSpan(
              "span-" + i,
              nodes.get(i % nodes.size()).runId(),
              i % 4 == 3 ? "LLM" : "TOOL",
              name,
              start.plusSeconds(i * 12L),
              i == 17 ? null : new BigDecimal("0.0182").multiply(BigDecimal.valueOf(1 + i % 7)),
              i == 17 ? null : new BigDecimal("0.0202").multiply(BigDecimal.valueOf(1 + i % 7)),
              i % 9 == 0 ? 1 : 0,
              i == 31));
    }
    return new RunView(
        LOOPING_RUN,
        "acme",
        "KILLED",
        new BigDecimal("4.130950012500"),
        new BigDecimal("4.589944458333"),
        new BigDecimal("0.020000000000"),
        new BigDecimal("0.0127"),
        338,
        start,
        start.plusSeconds(690),
        nodes,
        Map.of(loopingTool, new BigDecimal("1.76"), "read_page", new BigDecimal("0.4033")),
        Map.of(
            "plan",
            new BigDecimal("0.31"),
            "gather",
            new BigDecimal("3.02"),
            "write",
            new BigDecimal("0.80095")),
        Map.of(
            "ticket_resolved", new Outcomes(0, 1, BigDecimal.ZERO, null, new BigDecimal("0.0000"))),
        timeline,
        List.of(loopEpisode()),
        staleness());
  }

  private static RunNode node(
      String run, String parent, String agent, String own, String tree, long spans, Instant first) {
    return new RunNode(
        run,
        parent,
        agent,
        new BigDecimal(own),
        new BigDecimal(tree),
        spans,
        first,
        first.plusSeconds(390));
  }

  private Ranked ranked(Member member, Instant since, Instant now) {
    List<Cell> cells = cells(member, Duration.ofMinutes(1), since, now).toList();
    return new Ranked(
        member.tenant(),
        member.name(),
        cells.stream().map(Cell::cost).reduce(BigDecimal.ZERO, BigDecimal::add),
        cells.stream().map(Cell::listCost).reduce(BigDecimal.ZERO, BigDecimal::add),
        member.name().equals("market-brief") || member.name().equals("globex")
            ? new BigDecimal("0.84")
            : BigDecimal.ZERO,
        cells.stream().mapToLong(Cell::spans).sum(),
        cells.stream().mapToLong(Cell::toolCalls).sum(),
        now.minusSeconds(1 + member.microsPerMinute() % 90),
        new Outcomes(4, 1, new BigDecimal("30"), new BigDecimal("0.5"), new BigDecimal("15")));
  }

  private static Stream<Cell> cells(Member member, Duration length, Instant from, Instant to) {
    long step = length.toSeconds();
    long first = -Math.floorDiv(-from.getEpochSecond(), step) * step;
    return LongStream.iterate(first, start -> start < to.getEpochSecond(), start -> start + step)
        .mapToObj(start -> cell(member, Instant.ofEpochSecond(start), length));
  }

  private static Cell cell(Member member, Instant start, Duration length) {
    long micros = 0;
    for (long minute = 0; minute < length.toMinutes(); minute++) {
      micros += micros(member, start.getEpochSecond() / 60 + minute);
    }
    long spans = 2 + micros / 9_000;
    return new Cell(
        start,
        start.plus(length),
        BigDecimal.valueOf(micros, 6).setScale(12),
        BigDecimal.valueOf(micros, 6).setScale(12),
        BigDecimal.ZERO,
        spans,
        spans / 3,
        spans - spans / 3,
        spans / 40,
        0,
        spans * 730,
        start.getEpochSecond() % 7200 == 0
            ? new Outcomes(2, 0, new BigDecimal("15"), new BigDecimal("0.5"), null)
            : null);
  }

  /** A level with a wave and some noise, the same for the same minute. */
  private static long micros(Member member, long minute) {
    long noise =
        Math.floorMod(((minute * 31 + member.name().hashCode()) * 0x9E3779B97F4A7C15L) >>> 40, 700);
    double wave = 1 + 0.45 * Math.sin((minute + member.microsPerMinute() % 37) / 9.0);
    return Math.round(member.microsPerMinute() * wave * (650 + noise) / 1000);
  }

  private Optional<Member> member(Dimension dimension, String tenant, String value) {
    return members.stream()
        .filter(
            m -> m.dimension() == dimension && m.tenant().equals(tenant) && m.name().equals(value))
        .findFirst();
  }

  private Staleness staleness() {
    return new Staleness(INSTANCE, false, clock.instant().minusSeconds(1));
  }

  private static Duration length(WindowSize window) {
    return switch (window) {
      case DAY -> Duration.ofDays(1);
      case HOUR -> Duration.ofHours(1);
      default -> Duration.ofMinutes(1);
    };
  }
}
