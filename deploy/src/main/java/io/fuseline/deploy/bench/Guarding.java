package io.fuseline.deploy.bench;

/** What keeps a run from spending beyond its cap. */
public enum Guarding {
  /** A kill switch listens; the run asks nobody. */
  COMMANDS("commands", 1),
  /** The pipeline is asked before each call. */
  ADMISSION("admission", 1),
  /** A guard holds leases. */
  LEASES("leases", 1),
  /** Four processes call for one run, each with a guard. */
  LEASES_OF_FOUR("leases, 4 holders", 4);

  private final String label;
  private final int holders;

  Guarding(String label, int holders) {
    this.label = label;
    this.holders = holders;
  }

  String label() {
    return label;
  }

  /** How many make calls beside each other. */
  int holders() {
    return holders;
  }
}
