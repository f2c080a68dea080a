package io.fuseline.stream.ingest;

import java.nio.charset.StandardCharsets;

/** Batches in JSON, which tests can show, as the protobuf that most programs send. */
public final class OtlpTexts {
  private OtlpTexts() {}

  /** The same batch of spans in protobuf. */
  public static byte[] protobuf(String json) {
    try {
      return OtlpBatches.traces(json.getBytes(StandardCharsets.UTF_8), OtlpEncoding.JSON)
          .toByteArray();
    } catch (UnreadableBatchException e) {
      throw new AssertionError(e);
    }
  }
}
