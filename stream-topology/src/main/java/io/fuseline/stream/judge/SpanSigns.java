package io.fuseline.stream.judge;

import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.SpanStatus;
import java.util.Map;

/**
 * What detectors look at in a span.
 *
 * @param error the work failed
 * @param call hash of tool and arguments; of a call whose arguments are unknown, equal to no other
 * @param result hash of tool, result and error; 0 when nothing is known of the result
 * @param tool hash of the tool
 * @param likeness the producer's similarity hash of the arguments: few bits differ between like
 *     arguments; null when not given
 * @param inputTokens tokens read, cached ones among them
 * @param outputTokens tokens written, reasoning among them
 * @param reasoningTokens reasoning tokens
 * @param weightedTokens what the tokens weigh in cost: twentieths of an input token, by the usual
 *     relation of prices
 * @param agentVersion null when not given
 */
public record SpanSigns(
    boolean error,
    long call,
    long result,
    long tool,
    Long likeness,
    long inputTokens,
    long outputTokens,
    long reasoningTokens,
    long weightedTokens,
    String agentVersion) {
  /** Of a span that detectors do not look at. */
  static final SpanSigns NONE = new SpanSigns(false, 0, 0, 0, null, 0, 0, 0, 0, null);

  private static final String TOKENS = "_tokens";

  static SpanSigns of(AgentSpan span, String tool, long call) {
    boolean error = span.getStatus() == SpanStatus.ERROR;
    long toolHash = Hashes.text(tool);
    long input = 0;
    long output = 0;
    long reasoning = 0;
    long weighted = 0;
    for (Map.Entry<String, Long> used : span.getUsage().entrySet()) {
      long count = used.getValue();
      weighted += weight(used.getKey()) * count;
      switch (used.getKey()) {
        case "output_tokens" -> output += count;
        case "reasoning_tokens" -> {
          output += count;
          reasoning += count;
        }
        default -> input += used.getKey().endsWith(TOKENS) ? count : 0;
      }
    }
    return new SpanSigns(
        error,
        call,
        result(span, toolHash, error),
        toolHash,
        span.getArgumentSimilarityHash(),
        input,
        output,
        reasoning,
        weighted,
        span.getAgentVersion());
  }

  private static long result(AgentSpan span, long tool, boolean error) {
    if (span.getResultHash() == null && span.getErrorType() == null) {
      return 0;
    }
    long hash = Hashes.mix(tool, span.getResultHash() == null ? 0 : span.getResultHash());
    hash = Hashes.mix(hash, error ? 1 : 0);
    hash = Hashes.mix(hash, span.getErrorType() == null ? 0 : Hashes.text(span.getErrorType()));
    return hash == 0 ? 1 : hash;
  }

  /** The usual relation of list prices: reading from the cache a tenth, output five times. */
  private static long weight(String unit) {
    return switch (unit) {
      case "cache_read_tokens" -> 2;
      case "cache_write_5m_tokens" -> 25;
      case "cache_write_1h_tokens" -> 40;
      case "output_tokens", "reasoning_tokens" -> 100;
      default -> unit.endsWith(TOKENS) ? 20 : 0;
    };
  }
}
