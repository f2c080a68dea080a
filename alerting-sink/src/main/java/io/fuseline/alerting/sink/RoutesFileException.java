package io.fuseline.alerting.sink;

import java.util.List;
import java.util.stream.Collectors;

/** A routes file was refused. Every fault that was found is listed. */
public final class RoutesFileException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final transient List<RouteFault> faults;

  RoutesFileException(List<RouteFault> faults) {
    super(faults.stream().map(RouteFault::toString).collect(Collectors.joining("\n")));
    this.faults = List.copyOf(faults);
  }

  /** The faults in the order of the file; never empty. */
  public List<RouteFault> faults() {
    return faults;
  }
}
