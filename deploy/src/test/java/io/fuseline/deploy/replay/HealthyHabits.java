package io.fuseline.deploy.replay;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * How healthy agents work, as counted in real sessions: which tool follows which, how often a call
 * or its result is one of the newest 64, how long calls take, what model calls use. Made-up work
 * drawn from it has these habits but none of the sessions' contents.
 */
final class HealthyHabits {
  private static final int WINDOW = 64;
  private static final String START = "(start)";

  /** What a call brings, against the newest calls. */
  enum Sign {
    NEW,
    SAME_CALL,
    SAME_RESULT,
    SAME_BOTH
  }

  /** One tool call: arguments and result as numbers. */
  record Call(String tool, long arguments, long result, boolean error) {}

  private final Map<String, List<String>> nextTool = new HashMap<>();
  private final Map<String, List<Sign>> nextSign = new HashMap<>();
  private final Map<String, List<Boolean>> errors = new HashMap<>();
  private final List<Integer> lengths = new ArrayList<>();
  private final List<Long> gapsMillis = new ArrayList<>();
  private final List<Map<String, String>> modelCalls;

  private HealthyHabits(List<Map<String, String>> modelCalls) {
    this.modelCalls = modelCalls;
  }

  static HealthyHabits of(ClaudeSessions sessions) {
    HealthyHabits habits =
        new HealthyHabits(
            sessions.modelCalls().stream()
                .filter(call -> call.get("model").startsWith("claude-"))
                .toList());
    Map<String, List<Map<String, String>>> runs = new HashMap<>();
    for (Map<String, String> call : sessions.toolCalls()) {
      runs.computeIfAbsent(call.get("session") + "/" + call.get("subagent"), r -> new ArrayList<>())
          .add(call);
    }
    runs.values().forEach(habits::count);
    return habits;
  }

  private void count(List<Map<String, String>> calls) {
    calls.sort(Comparator.comparingLong(HealthyHabits::startMillis));
    lengths.add(calls.size());
    List<Map<String, String>> before = new ArrayList<>();
    String lastTool = START;
    Sign lastSign = Sign.NEW;
    for (Map<String, String> call : calls) {
      String tool = call.get("tool_name");
      Sign sign = sign(call, before.subList(Math.max(0, before.size() - WINDOW), before.size()));
      nextTool.computeIfAbsent(lastTool, t -> new ArrayList<>()).add(tool);
      nextSign.computeIfAbsent(tool + lastSign, t -> new ArrayList<>()).add(sign);
      errors.computeIfAbsent(tool, t -> new ArrayList<>()).add(call.get("is_error").equals("1"));
      if (!before.isEmpty()) {
        long gap = startMillis(call) - startMillis(before.get(before.size() - 1));
        gapsMillis.add(Math.min(gap, 240_000));
      }
      before.add(call);
      lastTool = tool;
      lastSign = sign;
    }
  }

  private static long startMillis(Map<String, String> call) {
    return Long.parseLong(call.get("t_start_ms"));
  }

  private static Sign sign(Map<String, String> call, List<Map<String, String>> before) {
    boolean sameCall = false;
    boolean sameResult = false;
    boolean sameBoth = false;
    for (Map<String, String> other : before) {
      boolean tool = other.get("tool_name").equals(call.get("tool_name"));
      boolean calls = tool && other.get("args_hash").equals(call.get("args_hash"));
      boolean results =
          tool
              && !call.get("result_hash").isEmpty()
              && other.get("result_hash").equals(call.get("result_hash"));
      sameCall |= calls;
      sameResult |= results;
      sameBoth |= calls && results;
    }
    return sameBoth
        ? Sign.SAME_BOTH
        : sameCall ? Sign.SAME_CALL : sameResult ? Sign.SAME_RESULT : Sign.NEW;
  }

  /** How many calls a run makes. */
  int length(Random random) {
    return pick(lengths, random);
  }

  /** Time between the starts of two calls. */
  long gapMillis(Random random) {
    return pick(gapsMillis, random);
  }

  /** A model call's row, for its model and its counters. */
  Map<String, String> modelCall(Random random) {
    return pick(modelCalls, random);
  }

  /** Work of one run. Never the same call with the same result three times in a row. */
  final class Worker {
    private final Random random;
    private final List<Call> done = new ArrayList<>();
    private String lastTool = START;
    private Sign lastSign = Sign.NEW;

    Worker(Random random) {
      this.random = random;
    }

    Call next() {
      String tool = pick(nextTool.getOrDefault(lastTool, nextTool.get(START)), random);
      Sign sign = pick(nextSign.getOrDefault(tool + lastSign, List.of(Sign.NEW)), random);
      Call call = call(tool, sign);
      int made = done.size();
      if (made >= 2 && call.equals(done.get(made - 1)) && call.equals(done.get(made - 2))) {
        call = call(tool, Sign.NEW);
      }
      done.add(call);
      lastTool = tool;
      lastSign = sign;
      return call;
    }

    private Call call(String tool, Sign sign) {
      List<Call> newest =
          done.subList(Math.max(0, done.size() - WINDOW), done.size()).stream()
              .filter(call -> call.tool().equals(tool))
              .toList();
      boolean error = pick(errors.get(tool), random);
      if (sign == Sign.NEW || newest.isEmpty()) {
        return new Call(tool, random.nextLong(), random.nextLong(), error);
      }
      Call known = pick(newest, random);
      return switch (sign) {
        case SAME_CALL -> new Call(tool, known.arguments(), random.nextLong(), error);
        case SAME_RESULT -> new Call(tool, random.nextLong(), known.result(), known.error());
        default -> known;
      };
    }

    /** Calls that differ from each other in tool, arguments and result, to go round in. */
    List<Call> body(int length) {
      List<Call> body = new ArrayList<>();
      Set<Long> results = new HashSet<>();
      while (body.size() < length) {
        String tool = pick(nextTool.getOrDefault(lastTool, nextTool.get(START)), random);
        Call call = call(tool, Sign.NEW);
        if (results.add(call.result())) {
          body.add(call);
        }
      }
      return body;
    }
  }

  private static <T> T pick(List<T> all, Random random) {
    return all.get(random.nextInt(all.size()));
  }
}
