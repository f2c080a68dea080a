package io.fuseline.enrichment.normalise;

import io.fuseline.schemas.InputInterpretation;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * From counters that overlap to leaves that do not. Whether the input counter includes cached
 * tokens, and the output counter reasoning, is decided by the table, else by arithmetic, else as
 * OpenTelemetry has it. What does not add up is refused, never made 0.
 */
final class Reckoning {

  private final Reading reading;
  private final InclusionRule table;
  private final boolean oneSided;
  private final List<String> notes;
  private final Map<String, Long> leaves = new HashMap<>();

  private final long read;
  private final long written;
  private final long reasoning;
  private final long beside;
  private final long total;

  private InputInterpretation input;
  private String rule;
  private boolean reasoningOutside;
  private String reasoningRule;

  Reckoning(Reading reading, InclusionRule table, boolean oneSided, List<String> notes) {
    this.reading = reading;
    this.table = table;
    this.oneSided = oneSided;
    this.notes = notes;
    this.read = Math.max(get(Counter.CACHE_READ), get(Counter.AUDIO_CACHE_READ));
    this.written =
        has(Counter.CACHE_WRITE) && get(Counter.CACHE_WRITE) > 0
            ? get(Counter.CACHE_WRITE)
            : get(Counter.CACHE_WRITE_5M) + get(Counter.CACHE_WRITE_1H);
    this.reasoning = get(Counter.REASONING);
    this.beside = get(Counter.TOOL_PROMPT);
    this.total = reading.count(Counter.TOTAL);
  }

  Usage usage() throws UntellableException {
    leaves.putAll(reading.units());
    if (has(Counter.TOTAL) && !has(Counter.INPUT) && !has(Counter.OUTPUT) && !hasUncached()) {
      totalAlone();
    } else {
      decideInput();
      decideReasoning();
      long fresh = inputLeaves();
      long answer = outputLeaves(fresh + read + written);
      unexplained(fresh + read + written + answer);
    }
    leaves.values().removeIf(count -> count == 0);
    String outside = reasoningOutside ? "reasoning outside output: " + reasoningRule : null;
    String told = rule == null ? outside : outside == null ? rule : rule + "; " + outside;
    return new Usage(leaves, input, told);
  }

  /** A total and nothing else: all of it input for a call without output, else all output. */
  private void totalAlone() {
    input = InputInterpretation.INCLUSIVE;
    rule = Usage.BY_DEFAULT;
    leaves.put(oneSided ? "input_tokens" : "output_tokens", total);
    if (!oneSided) {
      notes.add(
          reading.nameOf(Counter.TOTAL)
              + " is the only counter: all tokens were taken for output, which is dearer");
    }
  }

  private void decideInput() {
    long cached = read + written;
    long reported = get(Counter.INPUT);
    if (hasUncached()) {
      input = InputInterpretation.DISJOINT;
    } else if (table.input() != null) {
      input = table.input();
      rule = Usage.BY_TABLE;
    } else if (cached > reported && (has(Counter.INPUT) || !has(Counter.TOTAL))) {
      input = InputInterpretation.EXCLUSIVE;
      rule = Usage.BY_EXCESS;
    } else if (cached > 0 && addsUp(reported + cached) && !addsUp(reported)) {
      input = InputInterpretation.EXCLUSIVE;
      rule = Usage.BY_TOTAL;
    } else if (cached > 0 && addsUp(reported) && !addsUp(reported + cached)) {
      input = InputInterpretation.INCLUSIVE;
      rule = Usage.BY_TOTAL;
    } else {
      input = InputInterpretation.INCLUSIVE;
      rule = Usage.BY_DEFAULT;
      if (cached > 0) {
        notes.add(
            "nothing tells whether "
                + reading.nameOf(Counter.INPUT)
                + " includes cached tokens: taken as included");
      }
    }
  }

  /**
   * Whether so much input gives the total that was reported, with reasoning in or beside output.
   */
  private boolean addsUp(long wholeInput) {
    long sum = wholeInput + beside + get(Counter.OUTPUT);
    boolean inside = !Boolean.TRUE.equals(table.reasoningOutside()) && total == sum;
    boolean outside = !Boolean.FALSE.equals(table.reasoningOutside()) && total == sum + reasoning;
    return has(Counter.TOTAL) && has(Counter.OUTPUT) && (inside || outside);
  }

  private void decideReasoning() {
    if (reasoning == 0) {
      return;
    }
    long output = get(Counter.OUTPUT);
    long sum = wholeInput() + beside + output;
    if (table.reasoningOutside() != null) {
      reasoningOutside = table.reasoningOutside();
      reasoningRule = Usage.BY_TABLE;
    } else if (has(Counter.OUTPUT) && has(Counter.TOTAL) && total == sum + reasoning) {
      reasoningOutside = true;
      reasoningRule = Usage.BY_TOTAL;
    } else if (has(Counter.OUTPUT) && reasoning > output) {
      reasoningOutside = true;
      reasoningRule = "reasoning-exceeds-output";
    } else if (!has(Counter.TOTAL) || total != sum) {
      notes.add(
          "nothing tells whether "
              + reading.nameOf(Counter.OUTPUT)
              + " includes reasoning: taken as included");
    }
  }

  private long wholeInput() {
    return switch (input) {
      case DISJOINT -> get(Counter.UNCACHED_INPUT) + read + written;
      case EXCLUSIVE -> get(Counter.INPUT) + read + written;
      default -> get(Counter.INPUT);
    };
  }

  /** Puts the input's leaves; returns the tokens that were not cached. */
  private long inputLeaves() throws UntellableException {
    long fresh =
        switch (input) {
          case DISJOINT -> get(Counter.UNCACHED_INPUT);
          case EXCLUSIVE -> freshInput();
          default -> freshInput() - read - written;
        };
    mustNotBeNegative("input_tokens", fresh, "of input less cached tokens");
    long longLived = get(Counter.CACHE_WRITE_1H);
    long shortLived = written - longLived;
    mustNotBeNegative("cache_write_5m_tokens", shortLived, "of tokens written less those for 1 h");
    leaves.put("cache_write_5m_tokens", shortLived);
    leaves.put("cache_write_1h_tokens", longLived);
    media(fresh);
    leaves.merge("input_tokens", beside, Long::sum);
    return fresh + beside;
  }

  /** The input counter; where it is missing, what the total leaves for it. */
  private long freshInput() {
    if (has(Counter.INPUT) || !has(Counter.TOTAL) || !has(Counter.OUTPUT)) {
      return get(Counter.INPUT);
    }
    notes.add("the input was not told: what the total leaves for it was taken");
    long rest = total - get(Counter.OUTPUT) - beside - (reasoningOutside ? reasoning : 0);
    return input == InputInterpretation.EXCLUSIVE ? rest - read - written : rest;
  }

  /** Takes audio, images and video out of fresh and cached input. */
  private void media(long fresh) throws UntellableException {
    long cachedAudio = get(Counter.AUDIO_CACHE_READ);
    long audio = get(Counter.AUDIO_INPUT) - cachedAudio;
    long image = get(Counter.IMAGE_INPUT);
    long video = get(Counter.VIDEO_INPUT);
    if (has(Counter.AUDIO_CACHE_READ) && audio < 0) {
      audio = get(Counter.AUDIO_INPUT); // told beside the cached ones
    }
    long cachedImage = 0;
    long cachedVideo = 0;
    long tooMany = audio + image + video - fresh;
    if (tooMany > 0) {
      // More media than fresh tokens: some of it was cached. Which, is clear if there is one kind.
      if (audio == tooMany + fresh && cachedAudio == 0) {
        audio -= tooMany;
        cachedAudio = tooMany;
      } else if (image == tooMany + fresh) {
        image -= tooMany;
        cachedImage = tooMany;
      } else if (video == tooMany + fresh) {
        video -= tooMany;
        cachedVideo = tooMany;
      }
    }
    long text = fresh - audio - image - video;
    mustNotBeNegative("input_tokens", text, "of input less cached tokens, audio, images and video");
    long cachedText = read - cachedAudio - cachedImage - cachedVideo;
    mustNotBeNegative("cache_read_tokens", cachedText, "of cached tokens less cached media");
    leaves.put("input_tokens", text);
    leaves.put("audio_input_tokens", audio);
    leaves.put("image_input_tokens", image);
    leaves.put("video_input_tokens", video);
    leaves.put("cache_read_tokens", cachedText);
    leaves.put("audio_cache_read_tokens", cachedAudio);
    leaves.put("image_cache_read_tokens", cachedImage);
    leaves.put("video_cache_read_tokens", cachedVideo);
  }

  /** Puts the output's leaves; returns their sum. */
  private long outputLeaves(long wholeInput) throws UntellableException {
    long output = get(Counter.OUTPUT);
    if (!has(Counter.OUTPUT) && has(Counter.TOTAL) && !oneSided) {
      output = total - wholeInput - (reasoningOutside ? reasoning : 0);
      mustNotBeNegative("output_tokens", output, "of the total less the input");
      if (output > 0) {
        notes.add("the output was not told: what the total leaves for it was taken");
      }
    }
    long audio = get(Counter.AUDIO_OUTPUT);
    long image = get(Counter.IMAGE_OUTPUT);
    long video = get(Counter.VIDEO_OUTPUT);
    long text = output - audio - image - video - (reasoningOutside ? 0 : reasoning);
    mustNotBeNegative("output_tokens", text, "of output less reasoning, audio, images and video");
    leaves.put("output_tokens", text);
    leaves.put("reasoning_tokens", reasoning);
    leaves.put("audio_output_tokens", audio);
    leaves.put("image_output_tokens", image);
    leaves.put("video_output_tokens", video);
    return output + (reasoningOutside ? reasoning : 0);
  }

  /** What the total counts beyond the leaves, where the table knows what it is. */
  private void unexplained(long sum) {
    if (!has(Counter.TOTAL) || total == sum) {
      return;
    }
    if (total > sum && table.unexplained() != null) {
      leaves.merge(table.unexplained(), total - sum, Long::sum);
      notes.add(
          (total - sum) + " tokens stand in the total alone: taken for " + table.unexplained());
    } else {
      notes.add("the counters give " + sum + " tokens, the reported total is " + total);
    }
  }

  private void mustNotBeNegative(String unit, long count, String what) throws UntellableException {
    if (count < 0) {
      throw new UntellableException(
          "NEGATIVE_USAGE",
          unit,
          "would be "
              + count
              + " by the counters reported ("
              + what
              + "; input read as "
              + input
              + " by rule "
              + rule
              + "); expected counters that contain each other as OpenTelemetry GenAI has it;"
              + " counters: "
              + reading.raw());
    }
  }

  private boolean hasUncached() {
    return has(Counter.UNCACHED_INPUT);
  }

  private boolean has(Counter counter) {
    return reading.count(counter) != Values.ABSENT;
  }

  private long get(Counter counter) {
    return has(counter) ? reading.count(counter) : 0;
  }
}
