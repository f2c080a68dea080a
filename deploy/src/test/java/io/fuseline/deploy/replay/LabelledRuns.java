package io.fuseline.deploy.replay;

import io.fuseline.deploy.replay.HealthyHabits.Call;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.InputInterpretation;
import io.fuseline.schemas.SpanKind;
import io.fuseline.schemas.SpanStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * Makes runs of which it is known whether they loop, how, and since when: healthy work by {@link
 * HealthyHabits}, after which a run may go round in circles. Everything that varies follows from
 * the seed.
 */
final class LabelledRuns {
  private static final Instant EPOCH = Instant.parse("2026-03-02T09:00:00Z");

  /** What a run is. */
  enum Kind {
    /** Work from beginning to end. */
    HEALTHY,
    /** 1 to 8 calls over and over, with the same results. */
    EXACT,
    /** 1 to 4 calls over and over: other arguments and the same results, or like arguments. */
    NEAR,
    /** Minutes between the calls, and work in between. */
    SLOW,
    /** A loop within a loop, with a varying number of rounds. */
    NESTED,
    /** Each round is made by a new sub-agent. */
    SUB_AGENTS,
    /** 1 to 5 calls over and over, with other calls strewn in. */
    NOISY
  }

  /**
   * A run and what is true of it.
   *
   * @param onset when the loop begins; null in a healthy run
   */
  record Run(String id, Kind kind, Instant onset, List<AgentSpan> spans) {}

  private final HealthyHabits habits;

  LabelledRuns(HealthyHabits habits) {
    this.habits = habits;
  }

  Run make(Kind kind, long seed) {
    Drafter drafter = new Drafter(kind, seed);
    return drafter.run();
  }

  /** Writes one run down, call after call. */
  private final class Drafter {
    private final Kind kind;
    private final String id;
    private final Random random;
    private final HealthyHabits.Worker worker;
    private final List<AgentSpan> spans = new ArrayList<>();
    private Instant now;
    private String runId;
    private Long likeness;
    private int gapFactor = 1;

    Drafter(Kind kind, long seed) {
      this.kind = kind;
      this.id = kind.name().toLowerCase(Locale.ROOT) + "-" + seed;
      this.random = new Random(seed * 31 + kind.ordinal());
      this.worker = habits.new Worker(random);
      this.now = EPOCH.plusSeconds(random.nextInt(5 * 86_400));
      this.runId = id;
    }

    Run run() {
      if (kind == Kind.HEALTHY) {
        int length = Math.max(5, habits.length(random));
        for (int call = 0; call < length; call++) {
          healthy();
        }
        if (random.nextInt(4) == 0) {
          pages();
        }
        return new Run(id, kind, null, spans);
      }
      for (int call = between(8, 60); call > 0; call--) {
        healthy();
      }
      Instant onset = now;
      switch (kind) {
        case EXACT -> rounds(worker.body(between(1, 8)), 0);
        case NEAR -> near();
        case SLOW -> slow();
        case NESTED -> nested();
        case SUB_AGENTS -> subAgents();
        case NOISY -> rounds(worker.body(between(1, 5)), between(10, 33));
        default -> throw new AssertionError(kind);
      }
      return new Run(id, kind, onset, spans);
    }

    /** A healthy agent that reads page after page: like arguments, new results. */
    private void pages() {
      long arguments = random.nextLong();
      for (int page = between(5, 30); page > 0; page--) {
        likeness = arguments ^ 1L << random.nextInt(64);
        tool(new Call("Read", random.nextLong(), random.nextLong(), false));
      }
      likeness = null;
      healthy();
    }

    private void rounds(List<Call> body, int noisePercent) {
      for (int call = 0, most = between(90, 180); call < most; call++) {
        if (random.nextInt(100) < noisePercent) {
          tool(fresh());
        } else {
          tool(body.get(call % body.size()));
        }
      }
    }

    private void near() {
      List<Call> body = worker.body(between(1, 4));
      boolean like = random.nextInt(5) < 2;
      long[] likes = random.longs(body.size()).toArray();
      for (int call = 0, most = between(110, 180); call < most; call++) {
        Call known = body.get(call % body.size());
        long result = known.result();
        if (like) {
          likeness = likes[call % body.size()] ^ 1L << random.nextInt(64);
          result = random.nextInt(2) == 0 ? result : random.nextLong();
        }
        tool(new Call(known.tool(), random.nextLong(), result, known.error()));
      }
      likeness = null;
    }

    private void slow() {
      gapFactor = between(5, 20);
      List<Call> body = worker.body(between(1, 3));
      for (int call = 0, most = between(60, 120); call < most; call++) {
        tool(call % 4 == 3 ? fresh() : body.get(call % body.size()));
      }
    }

    private void nested() {
      List<Call> inner = worker.body(2);
      List<Call> outer = worker.body(between(1, 3));
      for (int round = 0, most = between(14, 24); round < most; round++) {
        for (int again = between(1, 3); again > 0; again--) {
          inner.forEach(this::tool);
        }
        outer.forEach(this::tool);
      }
    }

    private void subAgents() {
      List<Call> body = worker.body(between(3, 6));
      for (int round = 0, most = between(14, 24); round < most; round++) {
        tool(new Call("Task", random.nextLong(), random.nextLong(), false));
        runId = id + "/" + round;
        body.forEach(this::tool);
        runId = id;
      }
    }

    private Call fresh() {
      return new Call("Grep", random.nextLong(), random.nextLong(), false);
    }

    private void healthy() {
      tool(worker.next());
    }

    private int between(int least, int most) {
      return least + random.nextInt(most - least + 1);
    }

    /** The model asks for the call, and the call is made. */
    private void tool(Call call) {
      long gap = Math.max(400, habits.gapMillis(random)) * gapFactor;
      AgentSpan model = span(SpanKind.LLM, now, now.plusMillis(gap / 2));
      Map<String, String> row = habits.modelCall(random);
      model.setProvider(row.get("provider"));
      model.setRequestModel(row.get("model"));
      model.setResponseModel(row.get("model"));
      model.setInputInterpretation(InputInterpretation.EXCLUSIVE);
      Map<String, Long> usage = new HashMap<>();
      ClaudeSessions.UNITS.forEach(
          (counter, unit) -> usage.put(unit, Long.valueOf(row.get(counter))));
      model.setUsage(usage);
      AgentSpan made = span(SpanKind.TOOL, now.plusMillis(gap / 2), now.plusMillis(gap));
      made.setProvider("local");
      made.setToolName(call.tool());
      made.setArgumentHash(call.arguments());
      made.setArgumentSimilarityHash(likeness);
      made.setResultHash(call.result());
      made.setStatus(call.error() ? SpanStatus.ERROR : SpanStatus.OK);
      now = now.plusMillis(gap);
    }

    private AgentSpan span(SpanKind spanKind, Instant start, Instant end) {
      AgentSpan span =
          AgentSpan.newBuilder()
              .setSpanId(id + "-" + spans.size())
              .setRootRunId(id)
              .setRunId(runId)
              .setParentRunId(runId.equals(id) ? null : id)
              .setAgentId("agent of " + id)
              .setKind(spanKind)
              .setStartTime(start)
              .setEndTime(end)
              .setStatus(SpanStatus.OK)
              .build();
      spans.add(span);
      return span;
    }
  }
}
