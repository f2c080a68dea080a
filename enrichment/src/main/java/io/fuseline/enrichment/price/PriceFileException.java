package io.fuseline.enrichment.price;

import java.util.List;
import java.util.stream.Collectors;

/** A price file with faults. All of them are listed, and nothing of the file was taken. */
public final class PriceFileException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient List<Fault> faults;

  PriceFileException(List<Fault> faults) {
    super(faults.stream().map(Fault::message).collect(Collectors.joining(System.lineSeparator())));
    this.faults = List.copyOf(faults);
  }

  /** The faults in the order of the file; never empty. */
  public List<Fault> faults() {
    return faults;
  }
}
