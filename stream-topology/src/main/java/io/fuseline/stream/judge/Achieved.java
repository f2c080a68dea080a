package io.fuseline.stream.judge;

/**
 * What outcomes of one type add to a scope.
 *
 * @param successes how many were achieved
 * @param failures how many were missed
 * @param value what the successes are worth, pico-units
 */
public record Achieved(String type, long successes, long failures, long value) {
  void write(BinaryOut out) {
    out.text(type);
    out.varint(successes);
    out.varint(failures);
    out.zigzag(value);
  }

  static Achieved read(BinaryIn in) {
    return new Achieved(in.text(), in.varint(), in.varint(), in.zigzag());
  }
}
