package io.fuseline.stream.judge;

import io.fuseline.stream.policy.RunRule;
import java.util.List;
import java.util.Map;

/** How large a root run's tree has grown. Read from what the run keeps anyway: no state. */
final class RunBounds {
  /** Deeper trees are not followed, so that runs that name each other as parents end too. */
  static final int DEEPEST = 1_000;

  private RunBounds() {}

  static Finding finding(RunRule.Bound rule, RunState run, SpanFacts span) {
    long count = count(rule.of(), run, span);
    return new Finding(
        count,
        () ->
            new Finding.Told(
                rule.of().written(),
                "Root run %s of agent %s has come to %d %s"
                    .formatted(span.rootRunId(), span.subject().agent(), count, words(rule.of())),
                List.of(span.spanId()),
                Map.of("run_id", span.runId(), "of", rule.of().written())));
  }

  private static long count(RunRule.Of of, RunState run, SpanFacts span) {
    return switch (of) {
      case TOOL_CALLS -> toolCalls(run);
      case RUNS -> run.nodes.size();
      case DEPTH -> depth(run, span.runId());
      case FAN_OUT -> fanOut(run, run.nodes.get(span.runId()));
    };
  }

  private static String words(RunRule.Of of) {
    return switch (of) {
      case TOOL_CALLS -> "tool calls";
      case RUNS -> "runs";
      case DEPTH -> "runs one below the other";
      case FAN_OUT -> "runs started by one run";
    };
  }

  private static long toolCalls(RunState run) {
    long calls = 0;
    for (ToolUse use : run.tools.values()) {
      calls += use.calls;
    }
    return calls;
  }

  /** Runs from the root to this one. */
  private static long depth(RunState run, String runId) {
    int depth = 1;
    RunNode node = run.nodes.get(runId);
    while (node != null && node.parentRunId != null && depth < DEEPEST) {
      depth++;
      node = run.nodes.get(node.parentRunId);
    }
    return depth;
  }

  /** Runs that this run's parent has started, as far as they are known. */
  private static long fanOut(RunState run, RunNode child) {
    if (child == null || child.parentRunId == null) {
      return 0;
    }
    long children = 0;
    for (RunNode node : run.nodes.values()) {
      children += child.parentRunId.equals(node.parentRunId) ? 1 : 0;
    }
    return children;
  }
}
