package io.fuseline.stream.example;

/** One thing that happens in an example. */
public sealed interface ExampleEvent permits ExampleSpan, ExampleOutcome {
  /** Root run it belongs to. */
  String root();

  /** Epoch microseconds, UTC. */
  long eventMicros();
}
