package io.fuseline.stream.topology;

import io.fuseline.enrichment.price.PriceBook;
import io.fuseline.enrichment.price.UnpricedBound;
import io.fuseline.schemas.PriceEntry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.Map;

/**
 * Follows the prices topic into the book, and can say whether the book has changed: since a moment
 * of this process by a {@linkplain #changes count}, since an earlier process by a {@linkplain
 * Edition fingerprint} of its content.
 *
 * <p>Written by the one thread that follows the topic, read by all stream threads.
 */
final class PriceFeed {
  /**
   * Part of the fingerprint: raise it when the same prices come to price a span otherwise, so that
   * what is kept is priced again by the new program.
   */
  private static final int PRICING_RULES = 1;

  private static final Fingerprint NONE = new Fingerprint(0, 0);

  private final PriceBook book;
  private final UnpricedBound unpricedBound;
  private final Map<String, Fingerprint> entries = new HashMap<>();

  private volatile long changes;
  private volatile Edition edition;

  /** An empty book. */
  PriceFeed(String currency, UnpricedBound unpricedBound) {
    this.book = new PriceBook(currency, unpricedBound);
    this.unpricedBound = unpricedBound;
    this.edition = new Edition(0, NONE, unpricedBound);
  }

  /** 128 bits that say what is in the book, whatever the order it came in. */
  private record Fingerprint(long high, long low) {
    Fingerprint plus(Fingerprint other) {
      return new Fingerprint(high + other.high, low + other.low);
    }

    Fingerprint minus(Fingerprint other) {
      return new Fingerprint(high - other.high, low - other.low);
    }
  }

  /**
   * What the book held at some moment.
   *
   * @param changes how often it had changed by then
   * @param unpricedBound a setting: with another one, what has no price is bounded otherwise
   */
  record Edition(long changes, Fingerprint fingerprint, UnpricedBound unpricedBound) {
    /** The content alone, to be compared with that of another process. */
    byte[] toBytes() {
      return ByteBuffer.allocate(Integer.BYTES + 4 * Long.BYTES)
          .putInt(PRICING_RULES)
          .putLong(fingerprint.high())
          .putLong(fingerprint.low())
          .putLong(unpricedBound.millionTokensPico())
          .putLong(unpricedBound.toolCallPico())
          .array();
    }
  }

  PriceBook book() {
    return book;
  }

  /**
   * How often the book has changed. Rises before a change can be seen in a price: a span that was
   * priced by the new book and then asks, learns of the change.
   */
  long changes() {
    return changes;
  }

  /** What the book holds; null while it is being changed. */
  Edition edition() {
    Edition now = edition;
    return now.changes() == changes ? now : null;
  }

  /**
   * Follows one record. Changes nothing when the book holds just this entry already.
   *
   * @param entry null when the price was removed
   * @throws IllegalArgumentException when the book refuses the entry; the one before stays
   */
  void follow(String priceId, PriceEntry entry) {
    Fingerprint before = entries.getOrDefault(priceId, NONE);
    Fingerprint after = entry == null ? NONE : fingerprint(entry);
    if (after.equals(before)) {
      return;
    }
    long change = changes + 1;
    changes = change;
    Fingerprint content = edition.fingerprint();
    try {
      if (entry == null) {
        book.remove(priceId);
        entries.remove(priceId);
      } else {
        book.put(entry);
        entries.put(priceId, after);
      }
      content = content.minus(before).plus(after);
    } finally {
      edition = new Edition(change, content, unpricedBound);
    }
  }

  private static Fingerprint fingerprint(PriceEntry entry) {
    try {
      ByteBuffer digest =
          ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(bytes(entry)));
      return new Fingerprint(digest.getLong(), digest.getLong());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java has SHA-256", e);
    }
  }

  private static byte[] bytes(PriceEntry entry) {
    try {
      ByteBuffer buffer = entry.toByteBuffer();
      byte[] bytes = new byte[buffer.remaining()];
      buffer.get(bytes);
      return bytes;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
