package io.fuseline.alerting.sink;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Addresses that begin with the same bits, written as {@code 10.0.0.0/8} or {@code fd00::/8}.
 *
 * @param first lowest address
 * @param bits how many leading bits are the same
 */
record AddressRange(InetAddress first, int bits) {
  private static final Pattern WRITTEN = Pattern.compile("([0-9a-fA-F.:]{2,45})(?:/(\\d{1,3}))?");

  /**
   * @throws IllegalArgumentException if it is no range
   */
  static AddressRange parse(String written) {
    var matcher = WRITTEN.matcher(written);
    // Without a dot or colon it might be a name, which would be looked up.
    if (!matcher.matches() || !(written.contains(".") || written.contains(":"))) {
      throw new IllegalArgumentException("no range: " + written);
    }
    try {
      var first = InetAddress.getByName(matcher.group(1));
      var all = first.getAddress().length * Byte.SIZE;
      var bits = matcher.group(2) == null ? all : Integer.parseInt(matcher.group(2));
      if (bits > all) {
        throw new IllegalArgumentException("more bits than the address has: " + written);
      }
      return new AddressRange(first, bits);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("no address: " + written, e);
    }
  }

  static List<AddressRange> parseAll(String... written) {
    return Stream.of(written).map(AddressRange::parse).toList();
  }

  boolean contains(InetAddress address) {
    var ours = first.getAddress();
    var theirs = address.getAddress();
    if (ours.length != theirs.length) {
      return false;
    }
    var rest = ours.length * Byte.SIZE - bits;
    return new BigInteger(1, ours)
        .shiftRight(rest)
        .equals(new BigInteger(1, theirs).shiftRight(rest));
  }

  @Override
  public String toString() {
    return first.getHostAddress() + "/" + bits;
  }
}
