package io.fuseline.stream.ingest;

import java.util.List;

/**
 * Spans or outcomes of a batch that is taken whole or not at all cannot be booked; nothing was
 * taken.
 */
public final class FaultySpansException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<Fault> faults;

  /**
   * @param what what the batch is of: spans or outcomes
   */
  FaultySpansException(String what, List<Fault> faults) {
    super(faults.size() + " of the " + what + " cannot be booked; nothing was taken.");
    this.faults = List.copyOf(faults);
  }

  /** All that was found, in the order of the spans; not empty. */
  public List<Fault> faults() {
    return faults;
  }

  /**
   * What is wrong with one of them.
   *
   * @param index of it in the batch, from 0
   * @param field that is wrong, as the sender knows it; empty for it as a whole
   * @param message what was found, what was expected, what to do
   */
  public record Fault(int index, String field, String message) {}
}
