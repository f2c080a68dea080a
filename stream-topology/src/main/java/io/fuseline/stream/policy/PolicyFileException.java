package io.fuseline.stream.policy;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Policy files were refused. Every fault that was found is listed; nothing of the files is applied.
 */
public final class PolicyFileException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient List<PolicyFault> faults;

  PolicyFileException(List<PolicyFault> faults) {
    super(faults.stream().map(PolicyFault::toString).collect(Collectors.joining("\n")));
    this.faults = List.copyOf(faults);
  }

  public List<PolicyFault> faults() {
    return faults;
  }
}
