package io.fuseline.stream.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fuseline.enrichment.price.Billable;
import io.fuseline.schemas.Action;
import io.fuseline.schemas.CostStatus;
import io.fuseline.schemas.Dimension;
import io.fuseline.schemas.SpanKind;
import io.fuseline.schemas.WindowSize;
import io.fuseline.stream.policy.Subject;
import io.fuseline.stream.policy.Window;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.PropertyDefaults;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/**
 * What is written is read again, all of it. Runs and scopes with a history are stored in other
 * tests.
 */
@PropertyDefaults(tries = 200, edgeCases = EdgeCasesMode.NONE)
class CodecProperties {

  @Property
  void shouldReadABooking(@ForAll("bookings") Booking booking) {
    BinaryOut out = new BinaryOut(1);
    booking.write(out);

    assertThat(Booking.read(new BinaryIn(out.toBytes()))).isEqualTo(booking);
    assertThat(booking.reversed().reversed()).isEqualTo(booking);
  }

  @Property
  void shouldReadASpanRecord(
      @ForAll("bookings") Booking booking,
      @ForAll("billables") Billable billable,
      @ForAll List<@From("adjustments") Adjustment> adjustments,
      @ForAll CostStatus status,
      @ForAll boolean open,
      @ForAll boolean error,
      @ForAll boolean booked,
      @ForAll @IntRange int revision) {
    SpanRecord record =
        new SpanRecord(
            open,
            billable.eventTimeMicros(),
            booking.runId(),
            booking.subject().agent(),
            billable.kind().name(),
            booking.model(),
            booking.cost(),
            status,
            error,
            revision,
            booked ? booking : null,
            booked ? billable : null,
            adjustments);

    SpanRecord read = SpanRecord.fromBytes(record.toBytes());

    assertThat(read).isEqualTo(record);
    assertThat(read.toBytes()).isEqualTo(record.toBytes());
  }

  @Property
  void shouldReadADelta(
      @ForAll("bookings") Booking booking,
      @ForAll Delta.Cause cause,
      @ForAll Delta.Presence presence,
      @ForAll boolean withSubject,
      @ForAll boolean booked,
      @ForAll @IntRange int sampleCalls) {
    Delta delta =
        new Delta(
            cause,
            booking.eventMicros(),
            booking.cost(),
            booking.listCost(),
            booking.bound(),
            booking.spans(),
            booking.llmCalls(),
            booking.toolCalls(),
            booking.errors(),
            booking.unpricedSpans(),
            booking.tokens(),
            booking.rootRunId(),
            booking.step(),
            booking.model(),
            withSubject ? booking.subject().tagged(Map.of("tier", "basic")) : null,
            presence,
            booking.tool(),
            sampleCalls,
            withSubject ? new ModelUse(booking.cost(), "model", booking.step(), sampleCalls) : null,
            booked ? new Achieved("ticket_resolved", sampleCalls, 3, booking.cost()) : null);

    assertThat(Delta.fromBytes(delta.toBytes())).isEqualTo(delta);
  }

  @Property
  void shouldReadKeysAndSortThemByScopeWindowAndStart(
      @ForAll Dimension dimension,
      @ForAll("names") String tenant,
      @ForAll("names") String value,
      @ForAll WindowSize window,
      @ForAll @IntRange int start) {
    ScopeKey scope = new ScopeKey(dimension, tenant, value);
    CellKey cell = new CellKey(scope, window, start);

    assertThat(ScopeKey.fromBytes(scope.toBytes())).isEqualTo(scope);
    assertThat(CellKey.fromBytes(cell.toBytes())).isEqualTo(cell);
    assertThat(scope.toBytes()).startsWith(ScopeKey.prefix(dimension));
    byte[] next = new CellKey(scope, window, start + 1L).toBytes();
    assertThat(Arrays.compareUnsigned(cell.toBytes(), next)).isNegative();
  }

  @Property
  void shouldReadACell(@ForAll List<@From("bookings") Booking> bookings, @ForAll boolean armed) {
    Cell cell = new Cell();
    for (Booking booking : bookings) {
      cell.cost.add(booking.cost());
      cell.listCost.add(booking.listCost());
      cell.bound.add(booking.bound());
      cell.spans += booking.spans();
      cell.errors += booking.errors();
      cell.tokens += booking.tokens();
      cell.revision++;
    }
    cell.closed = !armed;
    cell.setArmed(armed);
    if (armed) {
      cell.outcomes = new OutcomeCounts();
      cell.outcomes.add(new Achieved("ticket_resolved", 2, 1, cell.cost.saturatedPico()));
    }

    assertThat(Cell.fromBytes(cell.toBytes())).usingRecursiveComparison().isEqualTo(cell);
  }

  @Property
  void shouldReadARunWithEverythingInIt(
      @ForAll("subjects") Subject subject, @ForAll("names") String name, @ForAll long deadline) {
    RunState run = new RunState(subject.tenant(), 5);
    run.subject = subject.tagged(Map.of(name, "basic"));
    run.join(subject.agent());
    run.node(name, null, subject.agent(), 7).cycle.add(3, false, name);
    run.node(name + "-child", name, name, 9).spans = 4;
    run.tool(subject.agent(), name).addCall(29_000_000);
    run.step(name).add(-17);
    run.idle = true;
    run.lastWall = 11;
    run.setDeadlineMicros(deadline);
    run.tokens = 5;
    run.llmCalls = 6;
    run.toolCalls = 7;
    run.addToTrees(run.nodes.get(name + "-child"), name, 8);
    run.nodes.get(name).bound.add(2);
    Episode episode = run.episodes.openNew(name, "abc", 1, Amount.ofPico(9), 2);
    episode.part = name;
    episode.toldAt = 3;
    episode.reminders = 4;
    episode.sentAt = 6;
    episode.approvalDue = 7;
    episode.approved = 1;
    episode.acknowledged = true;
    episode.cross(0, 1);
    episode.reach(0, 1);
    run.episodes.bookAfterStop(4);
    run.outcomes = new RunOutcomes();
    Achieved achieved = new Achieved("ticket_resolved", 1, 0, -deadline);
    run.outcomes.counts.add(achieved);
    run.outcomes.await(achieved, 12);

    RunState read = RunState.fromBytes(run.toBytes());

    assertThat(read).usingRecursiveComparison().isEqualTo(run);
    assertThat(read.toBytes()).isEqualTo(run.toBytes());
  }

  @Property
  void shouldReadAScopeWithEverythingInIt(
      @ForAll("subjects") Subject subject, @ForAll("names") String name, @ForAll long micros) {
    ScopeState scope = new ScopeState();
    scope.subject = subject.tagged(Map.of(name, name));
    Baseline baseline = new Baseline();
    baseline.learn(7);
    scope.baselines.put(name, baseline);
    scope.newest = micros;
    scope.hourStart = 1;
    scope.dayStart = -1;
    scope.daySettled = true;
    scope.total.cost.add(micros);
    scope.episodes.openNew(name, "abc", 1, new Amount(), 0);
    Window week = Window.calendar(Window.Unit.WEEK, ZoneId.of("Europe/Berlin"));
    Meter meter = new Meter();
    meter.begin(week, 1_777_888_800_000_000L);
    meter.settled = true;
    scope.meters.put(week.name(), meter);
    Window rolling = Window.rolling(Duration.ofHours(24));
    Meter rolled = new Meter();
    rolled.add(rolling, ScopeUnderTest.spend("3", 1_777_888_800_000_000L));
    scope.meters.put(rolling.name(), rolled);

    ScopeState read = ScopeState.fromBytes(scope.toBytes());

    assertThat(read).usingRecursiveComparison().isEqualTo(scope);
    assertThat(read.toBytes()).isEqualTo(scope.toBytes());
  }

  @Example
  void shouldReadNothingAsNothing() {
    assertThat(RunState.fromBytes(null)).isNull();
    assertThat(ScopeState.fromBytes(null)).isNull();
    assertThat(Cell.fromBytes(null)).isNull();
    assertThat(SpanRecord.fromBytes(null)).isNull();
  }

  @Example
  void shouldSayWhatToDoWhenTheFormatIsOfAnotherProgram() {
    byte[] later = {9, 0, 0};

    refuses(() -> RunState.fromBytes(later), "A run", 8);
    refuses(() -> ScopeState.fromBytes(later), "A scope", 8);
    refuses(() -> Cell.fromBytes(later), "A cell", 7);
    refuses(() -> SpanRecord.fromBytes(later), "A span record", 2);
    refuses(() -> Delta.fromBytes(later), "A delta", 5);
  }

  private static void refuses(ThrowingCallable reading, String what, int newest) {
    assertThatThrownBy(reading)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            what
                + " has state format 9, this program reads 1 to "
                + newest
                + ". Start the newer program, or reset the application's state.");
  }

  @Example
  void shouldReadWhatTheProgramBeforeHasKept() throws IOException {
    Subject subject =
        new Subject("acme", "coder", "worker", "blue", "apollo", "tickets", "4711", "prod");

    RunState run = RunState.fromBytes(kept("run-2"));
    assertThat(run.subject).isEqualTo(subject);
    assertThat(run.cost).hasToString("1.500000000000");
    assertThat(run.nodes.get("child").parentRunId).isEqualTo("run-1");
    assertThat(run.nodes.get("child").cost).hasToString("0.600000000000");
    assertThat(run.nodes.get("run-1").tree).hasToString("1.500000000000");
    assertThat(run.tools).containsOnlyKeys(new RunState.ToolKey("coder", "search"));
    Episode paused = run.episodes.openFor("cap");
    assertThat(paused.sent).isEqualTo(Action.PAUSE);
    assertThat(paused.commandIds).containsExactly("cmd-1");
    assertThat(paused.spendAfterStop).isEqualTo(Amount.ofPico(4));
    assertThat(RunState.fromBytes(run.toBytes())).usingRecursiveComparison().isEqualTo(run);

    ScopeState scope = ScopeState.fromBytes(kept("scope-2"));
    assertThat(scope.subject).isEqualTo(subject);
    assertThat(scope.total.cost).hasToString("3.000000000000");
    assertThat(handedOver(scope)).containsExactly("run-1");
    assertThat(scope.episodes.openFor("cap").rung).isZero();
    assertThat(ScopeState.fromBytes(scope.toBytes())).usingRecursiveComparison().isEqualTo(scope);

    Delta delta = Delta.fromBytes(kept("delta-2"));
    assertThat(delta.subject()).isEqualTo(subject);
    assertThat(delta.presence()).isEqualTo(Delta.Presence.JOINED);
    assertThat(delta.sampleCalls()).isEqualTo(4);
  }

  @Example
  void shouldReadTagsOfTheFormatBefore() throws IOException {
    assertThat(RunState.fromBytes(kept("run-3")).subject.tags()).isEqualTo(Map.of("tier", "basic"));
    ScopeState scope = ScopeState.fromBytes(kept("scope-3"));
    assertThat(scope.subject.tags()).isEqualTo(Map.of("tier", "basic"));
    assertThat(scope.meters).isEmpty();
    assertThat(scope.episodes.openFor("cap").rung).isZero();
  }

  @Example
  void shouldReadBudgetsAndRemindersOfFormat4() throws IOException {
    RunState run = RunState.fromBytes(kept("run-4"));
    readsTheRun(run);
    assertThat(run.openSpans).isZero();
    ScopeState scope = ScopeState.fromBytes(kept("scope-4"));
    readsTheScope(scope);
    assertThat(scope.pace).isNull();
    Delta delta = Delta.fromBytes(kept("delta-3"));
    assertThat(delta.cause()).isEqualTo(Delta.Cause.SPAN);
    readsTheDelta(delta);
    assertThat(delta.use()).isNull();
  }

  @Example
  void shouldTakeAnyIdForSeenByARunOfFormat7() throws IOException {
    RunState run = RunState.fromBytes(kept("run-7"));
    readsTheRun(run);
    assertThat(run.openSpans).isEqualTo(2);
    assertThat(run.mayHaveSeen("never")).isTrue();
  }

  @Example
  void shouldHandOverTheActiveRunsOfAScopeOfFormat7() throws IOException {
    ScopeState scope = ScopeState.fromBytes(kept("scope-7"));
    readsTheScope(scope);
    assertThat(handedOver(scope)).as("a second time").isEmpty();
  }

  @Example
  void shouldReadDetectorsOfFormat5() throws IOException {
    RunState run = RunState.fromBytes(kept("run-5"));
    readsTheRun(run);
    assertThat(run.openSpans).isEqualTo(2);
    assertThat(run.nodes.get("run-1").window).isNotNull();
    assertThat(run.nodes.get("run-1").trend).isNotNull();
    assertThat(run.outcomes).isNull();
    ScopeState scope = ScopeState.fromBytes(kept("scope-5"));
    readsTheScope(scope);
    assertThat(scope.pace).isNotNull();
    assertThat(scope.shift).isNotNull();
    assertThat(scope.total.outcomes).isNull();
    Delta delta = Delta.fromBytes(kept("delta-4"));
    assertThat(delta.cause()).isEqualTo(Delta.Cause.CORRECTED);
    readsTheDelta(delta);
    assertThat(delta.use()).isEqualTo(new ModelUse(500, "opus", "1.2", 77));
    assertThat(delta.achieved()).isNull();
    Cell cell = Cell.fromBytes(kept("cell-2"));
    assertThat(cell.cost()).isEqualTo(Amount.ofPico(500));
    assertThat(cell.listCost()).isEqualTo(Amount.ofPico(600));
    assertThat(cell.revision()).isEqualTo(3);
    assertThat(cell.closed()).isTrue();
    assertThat(cell.outcomes).isNull();
  }

  private static void readsTheRun(RunState run) {
    assertThat(run.subject.team()).isEqualTo("blue");
    assertThat(run.subject.tags()).isEqualTo(Map.of("tier", "basic"));
    assertThat(run.cost).hasToString("1.500000000000");
    assertThat(run.listCost).hasToString("1.600000000000");
    assertThat(run.tokens).isEqualTo(900);
    assertThat(run.nodes.get("run-1").tree).hasToString("1.500000000000");
    assertThat(run.nodes.get("child").cost).hasToString("0.600000000000");
    assertThat(run.tools).containsOnlyKeys(new RunState.ToolKey("coder", "search"));
    assertThat(run.deadlineMicros()).isEqualTo(1_777_890_600_000_000L);
    Episode paused = run.episodes.openFor("cap", "child");
    assertThat(paused.sent).isEqualTo(Action.PAUSE);
    assertThat(paused.reminders).isEqualTo(2);
    assertThat(paused.toldAt).isEqualTo(1_777_888_801_500_000L);
    assertThat(paused.spendAfterStop).isEqualTo(Amount.ofPico(4));
    assertThat(RunState.fromBytes(run.toBytes())).usingRecursiveComparison().isEqualTo(run);
  }

  private static void readsTheScope(ScopeState scope) {
    assertThat(scope.subject.workflow()).isEqualTo("tickets");
    assertThat(scope.total.cost).hasToString("3.000000000000");
    assertThat(scope.day().listCost).hasToString("3.100000000000");
    assertThat(scope.daySettled).isTrue();
    assertThat(handedOver(scope)).containsExactly("run-1");
    assertThat(scope.baselines).containsOnlyKeys("search");
    assertThat(scope.meters).hasSize(1);
    assertThat(scope.meters.values().iterator().next().sum().cost).isEqualTo(Amount.ofPico(500));
    assertThat(scope.episodes.openFor("cap").rung).isZero();
    assertThat(ScopeState.fromBytes(scope.toBytes())).usingRecursiveComparison().isEqualTo(scope);
  }

  private static List<String> handedOver(ScopeState scope) {
    ScopeKey agent = new ScopeKey(Dimension.AGENT, "acme", "coder");
    ActiveRuns runs = ActiveRuns.inMemory();
    scope.handOver(agent, runs);
    List<String> ids = new ArrayList<>();
    runs.each(agent, (run, seen) -> ids.add(run));
    return ids;
  }

  private static void readsTheDelta(Delta delta) {
    assertThat(delta.cost()).isEqualTo(500);
    assertThat(delta.listCost()).isEqualTo(600);
    assertThat(delta.subject().tags()).isEqualTo(Map.of("tier", "basic"));
    assertThat(delta.presence()).isEqualTo(Delta.Presence.JOINED);
    assertThat(delta.sampleTool()).isEqualTo("search");
    assertThat(delta.sampleCalls()).isEqualTo(4);
  }

  /** Written by the program before the format changed. */
  private static byte[] kept(String name) throws IOException {
    return HexFormat.of()
        .parseHex(Files.readString(Path.of("src/test/resources/state/" + name + ".hex")).strip());
  }

  @Provide
  Arbitrary<String> names() {
    return Arbitraries.strings()
        .withCharRange('a', 'z')
        .withChars("äß漢-/ ")
        .ofMaxLength(12)
        .map(text -> text + "😀".repeat(text.length() % 2));
  }

  @Provide
  Arbitrary<Subject> subjects() {
    Arbitrary<String> given = names();
    Arbitrary<String> maybe = names().injectNull(0.3);
    return Combinators.combine(given, given, maybe, maybe, maybe, maybe, maybe, maybe)
        .as(
            (tenant, agent, role, team, project, workflow, centre, environment) ->
                new Subject(tenant, agent, role, team, project, workflow, centre, environment));
  }

  @Provide
  Arbitrary<Adjustment> adjustments() {
    Arbitrary<Long> amounts = Arbitraries.longs();
    return Combinators.combine(
            amounts, amounts, amounts, amounts, Arbitraries.integers().between(-1, 1))
        .as(Adjustment::new);
  }

  @Provide
  Arbitrary<Billable> billables() {
    Arbitrary<String> maybe =
        Arbitraries.oneOf(names(), Arbitraries.of("anthropic", "(unknown)", "")).injectNull(0.3);
    Arbitrary<Map<String, Long>> usage =
        Arbitraries.maps(
            Arbitraries.of("input_tokens", "output_tokens", "calls", "widgets"),
            Arbitraries.longs().greaterOrEqual(0));
    return Combinators.combine(
            Arbitraries.of(SpanKind.class),
            names(),
            maybe,
            maybe,
            maybe,
            usage,
            Arbitraries.longs().greaterOrEqual(-1),
            Arbitraries.longs())
        .as(
            (kind, tenant, provider, model, tool, used, declared, micros) ->
                new Billable(
                    kind, tenant, provider, model, model, tool, provider, tool, model, used,
                    declared, micros, micros));
  }

  @Provide
  Arbitrary<Booking> bookings() {
    Arbitrary<Integer> counts = Arbitraries.integers();
    Arbitrary<Long> amounts = Arbitraries.longs();
    return Combinators.combine(
            names(),
            Arbitraries.longs(),
            amounts,
            amounts,
            amounts,
            counts,
            names().injectNull(0.3),
            subjects())
        .as(
            (name, micros, cost, list, bound, spans, maybe, subject) ->
                new Booking(
                    name,
                    name + "-run",
                    micros,
                    cost,
                    list,
                    bound,
                    spans,
                    spans,
                    ~spans,
                    ~spans,
                    spans,
                    cost,
                    maybe,
                    maybe,
                    maybe,
                    subject));
  }
}
