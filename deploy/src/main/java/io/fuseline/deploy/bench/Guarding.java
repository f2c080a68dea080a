package io.fuseline.deploy.bench;

/** What keeps a run from spending beyond its cap. */
public enum Guarding {
  COMMANDS("commands", 1, "a kill switch listens; the run asks nobody"),
  ADMISSION("admission", 1, "the pipeline is asked before each call"),
  LEASES("leases", 1, "a guard holds leases"),
  LEASES_OF_FOUR("leases, 4 holders", 4, "four processes call for one run, each with a guard");

  private final String label;
  private final int holders;
  private final String what;

  Guarding(String label, int holders, String what) {
    this.label = label;
    this.holders = holders;
    this.what = what;
  }

  String label() {
    return label;
  }

  /** How many make calls beside each other. */
  int holders() {
    return holders;
  }

  String what() {
    return what;
  }
}
