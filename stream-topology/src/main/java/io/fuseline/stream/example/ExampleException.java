package io.fuseline.stream.example;

/** An example file is wrong. The message names file, case and span, and what was expected. */
public final class ExampleException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ExampleException(String message) {
    super(message);
  }
}
