package io.fuseline.stream.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fuseline.enrichment.normalise.Normalised;
import io.fuseline.enrichment.normalise.Normaliser;
import io.fuseline.enrichment.normalise.SourceSpan;
import io.fuseline.enrichment.outcome.CheckedOutcome;
import io.fuseline.enrichment.outcome.OutcomeCheck;
import io.fuseline.enrichment.span.CheckedSpan;
import io.fuseline.enrichment.span.SpanCheck;
import io.fuseline.schemas.AgentSpan;
import io.fuseline.schemas.Outcome;
import io.fuseline.schemas.json.AvroJson;
import io.fuseline.schemas.json.RecordJsonException;
import io.fuseline.stream.ingest.FaultySpansException.Fault;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Turns batches into spans that can be booked: reads, normalises, and checks each with the very
 * check of the topology's door, so that what is accepted here is not refused there. A batch is
 * judged whole before anything is done with it. No I/O; safe for all threads.
 */
public final class SpanIntake {
  private static final String OCCURRED_AT = "occurred_at";

  private final Normaliser normaliser;
  private final LongSupplier nowMicros;

  /**
   * @param nowMicros the clock: microseconds since the epoch, UTC
   */
  public SpanIntake(Normaliser normaliser, LongSupplier nowMicros) {
    this.normaliser = normaliser;
    this.nowMicros = nowMicros;
  }

  /**
   * OpenTelemetry spans. Those that cannot be booked are rejected one by one.
   *
   * @throws UnreadableBatchException when the batch is not what the encoding says, or an id in it
   *     is none
   */
  public Intake traces(byte[] batch, OtlpEncoding encoding) throws UnreadableBatchException {
    List<OtlpItem<SourceSpan>> items = OtlpReader.spans(OtlpBatches.traces(batch, encoding));
    List<Normalised> normalised =
        normaliser.normalise(items.stream().map(OtlpItem::source).toList());
    return sorted(items, normalised);
  }

  /** As {@link #traces(byte[], OtlpEncoding)}, in the encoding that the bytes show. */
  public Intake traces(byte[] batch) throws UnreadableBatchException {
    return traces(batch, OtlpEncoding.of(batch));
  }

  /**
   * OpenTelemetry log events, such as Claude Code's. Those that cannot be booked are rejected one
   * by one.
   *
   * @throws UnreadableBatchException when the batch is not what the encoding says, or an id in it
   *     is none
   */
  public Intake logs(byte[] batch, OtlpEncoding encoding) throws UnreadableBatchException {
    List<OtlpItem<SourceLog>> items = OtlpReader.events(OtlpBatches.logs(batch, encoding));
    return sorted(items, items.stream().map(item -> normalise(item.source())).toList());
  }

  /**
   * Spans as JSON, in the form of {@link AvroJson}, and LiteLLM's standard logging payloads: one,
   * an array of them, or one after another. All are taken, or none.
   *
   * @throws UnreadableBatchException when it is not JSON, or there is nothing
   * @throws FaultySpansException when one of them cannot be booked
   */
  public Intake spans(byte[] json) throws UnreadableBatchException, FaultySpansException {
    List<JsonNode> documents = SpanDocuments.of(json);
    List<CheckedSpan.Accepted> accepted = new ArrayList<>();
    List<Fault> faults = new ArrayList<>();
    int ignored = 0;
    long now = nowMicros.getAsLong();
    for (int i = 0; i < documents.size(); i++) {
      Judged judged = judge(read(documents.get(i)), now);
      if (judged instanceof Judged.Booked booked) {
        accepted.add(booked.span());
      } else if (judged instanceof Judged.Refused refused) {
        faults.add(new Fault(i, refused.field(), refused.message()));
      } else {
        ignored++;
      }
    }
    if (!faults.isEmpty()) {
      throw new FaultySpansException("spans", faults);
    }
    return new Intake(accepted, List.of(), ignored);
  }

  /**
   * Outcomes as JSON, in the form of {@link AvroJson}: one, an array of them, or one after another.
   * One without {@code occurred_at} is of now. All are taken, or none.
   *
   * @param currency ISO 4217 currency of all money
   * @throws UnreadableBatchException when it is not JSON, or there is nothing
   * @throws FaultySpansException when one of them cannot be counted
   */
  public Intake outcomes(byte[] json, String currency)
      throws UnreadableBatchException, FaultySpansException {
    List<JsonNode> documents = SpanDocuments.of(json);
    List<CheckedOutcome.Accepted> accepted = new ArrayList<>();
    List<Fault> faults = new ArrayList<>();
    long now = nowMicros.getAsLong();
    for (int i = 0; i < documents.size(); i++) {
      try {
        Outcome outcome = AvroJson.fromJson(timed(documents.get(i), now), Outcome.class);
        CheckedOutcome checked = OutcomeCheck.check(outcome, currency, now);
        if (checked instanceof CheckedOutcome.Rejected rejected) {
          faults.add(new Fault(i, rejected.field(), rejected.message()));
        } else {
          accepted.add((CheckedOutcome.Accepted) checked);
        }
      } catch (RecordJsonException e) {
        faults.add(new Fault(i, e.path(), e.getMessage()));
      }
    }
    if (!faults.isEmpty()) {
      throw new FaultySpansException("outcomes", faults);
    }
    return new Intake(List.of(), List.of(), 0, accepted);
  }

  private static JsonNode timed(JsonNode document, long nowMicros) {
    boolean lacks = document instanceof ObjectNode && !document.hasNonNull(OCCURRED_AT);
    return lacks
        ? ((ObjectNode) document.deepCopy())
            .put(OCCURRED_AT, Instant.EPOCH.plus(nowMicros, ChronoUnit.MICROS).toString())
        : document;
  }

  private Normalised read(JsonNode document) {
    if (LiteLlm.isPayload(document)) {
      return normaliser.normaliseLiteLlm(document);
    }
    try {
      return new Normalised.Span(AvroJson.fromJson(document, AgentSpan.class), List.of());
    } catch (RecordJsonException e) {
      return new Normalised.Rejected("undecodable", e.path(), e.getMessage());
    }
  }

  private Normalised normalise(SourceLog log) {
    return normaliser.normaliseEvent(
        log.event(), log.resource(), log.scopeName(), log.scopeVersion());
  }

  /**
   * @param normalised of each item, in the same order
   */
  private <T> Intake sorted(List<OtlpItem<T>> items, List<Normalised> normalised) {
    List<CheckedSpan.Accepted> accepted = new ArrayList<>();
    List<RejectedSpan> rejected = new ArrayList<>();
    int ignored = 0;
    long now = nowMicros.getAsLong();
    for (int i = 0; i < items.size(); i++) {
      Judged judged = judge(normalised.get(i), now);
      if (judged instanceof Judged.Booked booked) {
        accepted.add(booked.span());
      } else if (judged instanceof Judged.Refused refused) {
        rejected.add(
            RejectedSpan.of(refused.reason(), refused.message(), items.get(i).original().get()));
      } else {
        ignored++;
      }
    }
    return new Intake(accepted, rejected, ignored);
  }

  private static Judged judge(Normalised normalised, long nowMicros) {
    if (normalised instanceof Normalised.Ignored) {
      return new Judged.NoWork();
    }
    if (normalised instanceof Normalised.Rejected rejected) {
      return new Judged.Refused(
          rejected.reason().toLowerCase(Locale.ROOT), rejected.field(), rejected.message());
    }
    CheckedSpan checked = SpanCheck.check(((Normalised.Span) normalised).span(), nowMicros);
    return checked instanceof CheckedSpan.Rejected rejected
        ? new Judged.Refused(
            rejected.reason().name().toLowerCase(Locale.ROOT), rejected.field(), rejected.message())
        : new Judged.Booked((CheckedSpan.Accepted) checked);
  }

  /** What becomes of one span. */
  private sealed interface Judged {
    record Booked(CheckedSpan.Accepted span) implements Judged {}

    record Refused(String reason, String field, String message) implements Judged {}

    record NoWork() implements Judged {}
  }
}
