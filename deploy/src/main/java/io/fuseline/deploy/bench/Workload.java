package io.fuseline.deploy.bench;

import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.InputInterpretation;
import io.fuseline.schemas.SpanKind;
import io.fuseline.schemas.SpanStatus;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;

/**
 * The spans of a fleet at work: agents, some of them far busier than others, and many runs at a
 * time, each of 10 to 90 steps that alternate between a model and a tool. First each run makes one
 * step, then whichever comes. Sound runs: nothing repeats. Span ids are unique. The same seed and
 * shape give the same spans but for their times.
 */
final class Workload implements Iterator<AgentSpan> {
  private static final List<Model> MODELS =
      List.of(
          new Model("anthropic", "claude-haiku-4-5"),
          new Model("anthropic", "claude-sonnet-4-6"),
          new Model("openai", "gpt-5-mini"),
          new Model("openai", "gpt-5"));
  private static final List<String> STEPS =
      List.of("plan", "think", "look-up", "act", "check", "answer");

  private final Zipf agents;
  private final SplittableRandom random;
  private final String prefix;
  private final int spans;
  private final long firstMicros;
  private final double stepMicros;
  private final Run[] runs;
  private int begun;
  private int done;

  private record Model(String provider, String name) {}

  private static final class Run {
    private final int number;
    private final int agent;
    private final int length;
    private int steps;
    private String lastSpan;

    Run(int number, int agent, int length) {
      this.number = number;
      this.agent = agent;
      this.length = length;
    }
  }

  /**
   * @param prefix begins every run id
   * @param spans how many, 1 or more
   * @param from event time of the first span
   * @param to event time of the last
   */
  Workload(long seed, WorkloadShape shape, String prefix, int spans, Instant from, Instant to) {
    this.agents = new Zipf(shape.agents(), shape.skew());
    this.runs = new Run[shape.runsAtOnce()];
    this.random = new SplittableRandom(seed);
    this.prefix = prefix;
    this.spans = spans;
    this.firstMicros = micros(from);
    this.stepMicros = (micros(to) - firstMicros) / (double) spans;
  }

  @Override
  public boolean hasNext() {
    return done < spans;
  }

  @Override
  public AgentSpan next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    int slot = done < runs.length ? done : random.nextInt(runs.length);
    Run run = runs[slot];
    if (run == null || run.steps == run.length) {
      run = new Run(begun++, agents.draw(random), random.nextInt(10, 91));
      runs[slot] = run;
    }
    long endMicros = firstMicros + (long) (stepMicros * done);
    done++;
    AgentSpan span = span(run, endMicros);
    run.steps++;
    run.lastSpan = span.getSpanId();
    return span;
  }

  private AgentSpan span(Run run, long endMicros) {
    int agent = run.agent;
    String id = prefix + "-" + HexFormat.of().toHexDigits(run.number);
    AgentSpan.Builder span =
        AgentSpan.newBuilder()
            .setSpanId(HexFormat.of().toHexDigits(random.nextLong()))
            .setParentSpanId(run.lastSpan)
            .setRunId(id)
            .setRootRunId(id)
            .setTenantId("tenant-" + agent % 3)
            .setTeam("team-" + agent % 12)
            .setProject("project-" + agent % 30)
            .setWorkflow("workflow-" + agent % 40)
            .setCostCentre("CC-" + (1000 + agent % 8))
            .setAgentId("agent-" + agent)
            .setAgentVersion("1." + agent % 7)
            .setAgentRole("worker")
            .setStep(STEPS.get(run.steps % STEPS.size()))
            .setStartTime(instant(endMicros - random.nextInt(50_000, 3_000_000)))
            .setEndTime(instant(endMicros))
            .setStatus(SpanStatus.OK);
    if (run.steps % 2 == 0) {
      Model model = MODELS.get((agent + run.steps / 2 % 2) % MODELS.size());
      return span.setKind(SpanKind.LLM)
          .setProvider(model.provider())
          .setResponseModel(model.name())
          .setResponseId("msg_" + HexFormat.of().toHexDigits(random.nextLong()))
          .setUsage(usage())
          .setInputInterpretation(InputInterpretation.DISJOINT)
          .build();
    }
    return span.setKind(SpanKind.TOOL)
        .setProvider("local")
        .setToolName("tool-" + (agent * 3 + random.nextInt(4)) % 25)
        .setArgumentHash(random.nextLong())
        .setResultHash(random.nextLong())
        .build();
  }

  private Map<String, Long> usage() {
    Map<String, Long> usage = new LinkedHashMap<>();
    usage.put("input_tokens", (long) random.nextInt(200, 3_000));
    usage.put("cache_read_tokens", (long) random.nextInt(0, 20_000));
    usage.put("output_tokens", (long) random.nextInt(20, 800));
    return usage;
  }

  /** Runs begun so far. */
  int runs() {
    return begun;
  }

  private static long micros(Instant time) {
    return time.getEpochSecond() * 1_000_000 + time.getNano() / 1_000;
  }

  private static Instant instant(long micros) {
    return Instant.ofEpochSecond(
        Math.floorDiv(micros, 1_000_000), Math.floorMod(micros, 1_000_000) * 1_000L);
  }
}
