package dev.refrain.upstream;

import io.vertx.core.buffer.Buffer;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Decodes one content coding, gzip or deflate, chunk by chunk. What it has decoded leaves at once,
 * in pieces of a bounded size, so that its consumer can count and stop it by an exception.
 *
 * <p>Lives on one event loop. Source: RFC 1952 (gzip), RFC 1950 and 1951 (deflate, with the zlib
 * wrapper or without), RFC 9110 §8.4.1.
 */
final class Inflation {
  private static final int PIECE = 16 * 1024;
  private static final int TRAILER = 8;
  private static final byte[] NOTHING = {};

  private final boolean gzip;
  private final Consumer<Buffer> out;
  private final CRC32 sum = new CRC32();
  private Inflater inflater;
  private byte[] held = NOTHING; // a header or a trailer, as far as it has come
  private boolean complete;

  /** A decoder of gzip, else of deflate, whose output goes to {@code out}. */
  Inflation(boolean gzip, Consumer<Buffer> out) {
    this.gzip = gzip;
    this.out = out;
  }

  /**
   * Decodes the next bytes.
   *
   * @throws DataFormatException when they are not of this coding
   */
  void feed(Buffer chunk) throws DataFormatException {
    byte[] in = held.length == 0 ? chunk.getBytes() : joined(held, chunk.getBytes());
    held = NOTHING;
    int at = 0;
    while (at >= 0 && at < in.length) {
      at = inflater == null ? header(in, at) : body(in, at);
    }
  }

  /** Whether the data is complete: it ends where a coded body may end. */
  boolean isComplete() {
    return complete && inflater == null && held.length == 0;
  }

  /** Frees what is outside the heap. */
  void close() {
    if (inflater != null) {
      inflater.end();
      inflater = null;
    }
  }

  /** Passes a header; returns where it ends, or -1 if nothing more can be read. */
  private int header(byte[] in, int at) throws DataFormatException {
    if (complete && !(gzip && GzipHeader.begins(in, at))) {
      return -1; // padding, which other readers pass over, too
    }
    int end = gzip ? GzipHeader.end(in, at) : zlibHeader(in, at);
    if (end < 0) {
      return hold(in, at);
    }
    inflater = new Inflater(gzip || !isZlib(in, at));
    sum.reset();
    return end;
  }

  private static int zlibHeader(byte[] in, int at) {
    return in.length - at < 2 ? -1 : at; // read by the inflater itself
  }

  // Some servers send deflate without the zlib wrapper that RFC 9110 §8.4.1.2 asks for.
  private static boolean isZlib(byte[] in, int at) {
    int first = in[at] & 0xFF;
    return (first & 0x0F) == 8 && ((first << 8) + (in[at + 1] & 0xFF)) % 31 == 0;
  }

  private int body(byte[] in, int at) throws DataFormatException {
    if (!inflater.finished()) {
      inflater.setInput(in, at, in.length - at);
      inflate();
      at = in.length - inflater.getRemaining();
    }
    if (!inflater.finished()) {
      return -1;
    }
    if (gzip && in.length - at < TRAILER) {
      return hold(in, at);
    }
    if (gzip) {
      verify(in, at);
      at += TRAILER;
    }
    complete = true;
    close();
    return at;
  }

  private void inflate() throws DataFormatException {
    byte[] piece = new byte[PIECE];
    int length = inflater.inflate(piece);
    while (length > 0) {
      sum.update(piece, 0, length);
      out.accept(Buffer.buffer(Arrays.copyOf(piece, length)));
      length = inflater.inflate(piece);
    }
    if (inflater.needsDictionary()) {
      throw new DataFormatException("a dictionary is needed");
    }
  }

  private void verify(byte[] in, int at) throws DataFormatException {
    long expected = 0;
    for (int i = 3; i >= 0; i--) {
      expected = expected << 8 | in[at + i] & 0xFF;
    }
    if (expected != sum.getValue()) {
      throw new DataFormatException("a checksum that does not match");
    }
  }

  private int hold(byte[] in, int at) {
    held = Arrays.copyOfRange(in, at, in.length);
    return -1;
  }

  private static byte[] joined(byte[] first, byte[] second) {
    byte[] all = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }
}
