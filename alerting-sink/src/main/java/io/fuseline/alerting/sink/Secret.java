package io.fuseline.alerting.sink;

/** A value that never shows in a message or log. */
record Secret(String value) {
  @Override
  public String toString() {
    return "***";
  }
}
