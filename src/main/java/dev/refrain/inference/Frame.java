package dev.refrain.inference;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One server-sent event: its bytes as received, and the position of its data.
 *
 * <p>Shapes: {@code event} holds the wire bytes through the blank line that ends the event; {@code
 * data[from, to)} is the payload, in the same array unless the event spread it over several {@code
 * data:} lines. An event without data (a comment, a keep-alive) has an empty payload.
 *
 * <p>Immutable by agreement: the arrays are never modified. May be kept and may cross threads.
 *
 * <p>Source: WHATWG HTML, Server-sent events §9.2.6.
 */
public final class Frame {
  private static final byte[] DATA = "data: ".getBytes(StandardCharsets.US_ASCII);

  private final byte[] event;
  private final byte[] data;
  private final int from;
  private final int to;

  /** A frame over arrays that the caller gives away. */
  public Frame(byte[] event, byte[] data, int from, int to) {
    this.event = event;
    this.data = data;
    this.from = from;
    this.to = to;
  }

  /** A frame that carries {@code json} on one data line, written the way most servers do. */
  public static Frame of(byte[] json) {
    byte[] event = Arrays.copyOf(DATA, DATA.length + json.length + 2);
    System.arraycopy(json, 0, event, DATA.length, json.length);
    event[event.length - 2] = '\n';
    event[event.length - 1] = '\n';
    return new Frame(event, event, DATA.length, DATA.length + json.length);
  }

  /** Bytes on the wire. */
  public int length() {
    return event.length;
  }

  /** Whether the event carries no data: a comment or a keep-alive. */
  public boolean isComment() {
    return from == to;
  }

  /** Appends the wire bytes. */
  public void appendTo(Buffer out) {
    out.appendBytes(event);
  }

  /** The array that holds the payload, between {@link #from} and {@link #to}. Read only. */
  public byte[] data() {
    return data;
  }

  /** First index of the payload in {@link #data}. */
  public int from() {
    return from;
  }

  /** Index after the payload in {@link #data}. */
  public int to() {
    return to;
  }

  /** The array of wire bytes. Read only. */
  public byte[] event() {
    return event;
  }

  /** The payload as text, for tests and messages. */
  public String text() {
    return new String(data, from, to - from, StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return "Frame[" + event.length + " bytes]";
  }
}
