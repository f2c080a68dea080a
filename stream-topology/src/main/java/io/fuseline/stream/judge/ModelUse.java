package io.fuseline.stream.judge;

/**
 * A model call as the agent's scope sees it.
 *
 * @param variant hash of model and agent version: what the agent is made of
 * @param model name of the model
 * @param agentVersion null when not given
 * @param weightedTokens what its tokens weigh in cost; see {@link SpanSigns#weightedTokens}
 */
public record ModelUse(long variant, String model, String agentVersion, long weightedTokens) {

  /** The model call that the span is; null when it is none, or not its last writing. */
  static ModelUse of(SpanFacts span) {
    Booking booking = span.booking();
    SpanSigns signs = span.signs();
    if (booking == null
        || booking.llmCalls() == 0
        || span.provisional()
        || booking.model() == null
        || signs.weightedTokens() <= 0) {
      return null;
    }
    long variant =
        Hashes.mix(
            Hashes.text(booking.model()),
            signs.agentVersion() == null ? 0 : Hashes.text(signs.agentVersion()));
    return new ModelUse(variant, booking.model(), signs.agentVersion(), signs.weightedTokens());
  }

  void write(BinaryOut out) {
    out.fixed(variant);
    out.text(model);
    out.text(agentVersion);
    out.varint(weightedTokens);
  }

  static ModelUse read(BinaryIn in) {
    return new ModelUse(in.fixed(), in.text(), in.text(), in.varint());
  }
}
