package io.fuseline.stream.judge;

import io.fuseline.schemas.CorrectionReason;
import java.util.List;

/**
 * A change of what a span is booked at.
 *
 * @param revision counts the corrections of the span, from 1
 * @param change the signed amounts, under the dimensions the span was booked under, at the time
 *     they are booked at
 * @param eventMicros time of the span, epoch microseconds
 * @param name model or tool that was priced; null when the span names none
 * @param costBefore contracted cost before, pico-units
 * @param priceIds price entries that the cost after it rests on
 */
public record Correction(
    int revision,
    CorrectionReason reason,
    Booking change,
    long eventMicros,
    String name,
    long costBefore,
    List<String> priceIds) {}
