package dev.refrain.cache;

import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * Bodies compressed by the JDK's deflate, at the level that costs least. Nothing is inflated beyond
 * the length that was announced, and that is checked before.
 *
 * <p>Threads: any; each that compresses keeps 256 KiB outside the heap for it, each that inflates
 * 64 KiB.
 *
 * <p>Source: RFC 1951; docs/internals/decisions/0078.
 */
final class Deflated {
  /** Shorter bodies are left as they are. */
  static final int LEAST = 1024;

  private static final ThreadLocal<Deflater> DEFLATER =
      ThreadLocal.withInitial(() -> new Deflater(Deflater.BEST_SPEED, true));
  private static final ThreadLocal<Inflater> INFLATER =
      ThreadLocal.withInitial(() -> new Inflater(true));

  private Deflated() {}

  /** The body in fewer bytes; itself if that would save less than an eighth. */
  static byte[] deflate(byte[] body) {
    if (body.length < LEAST) {
      return body;
    }
    Deflater deflater = DEFLATER.get();
    deflater.reset();
    deflater.setInput(body);
    deflater.finish();
    byte[] out = new byte[body.length - body.length / 8];
    int length = deflater.deflate(out);
    boolean done = deflater.finished();
    deflater.setInput(new byte[0]); // keeps no body alive
    return done ? Arrays.copyOf(out, length) : body;
  }

  /**
   * The body that was compressed.
   *
   * @param length of it
   * @throws IllegalArgumentException if these bytes are no body of this length
   */
  static byte[] inflate(byte[] bytes, int offset, int count, int length) {
    Inflater inflater = INFLATER.get();
    inflater.reset();
    inflater.setInput(bytes, offset, count);
    byte[] body = new byte[length];
    try {
      int done = inflater.inflate(body);
      boolean over = inflater.finished() || done == length && inflater.inflate(new byte[1]) == 0;
      if (done != length || !over || !inflater.finished() || inflater.getRemaining() > 0) {
        throw new IllegalArgumentException();
      }
      return body;
    } catch (DataFormatException damaged) {
      throw new IllegalArgumentException(damaged);
    } finally {
      inflater.setInput(new byte[0]);
    }
  }
}
