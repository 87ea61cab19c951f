package dev.refrain.flight.fleet;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.Frame;
import dev.refrain.inference.Head;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Items as bytes. Big-endian; a text is {@code i32 length, UTF-8}, bytes are {@code i32 length,
 * bytes}:
 *
 * <pre>
 * u8 version   u8 kind   what the kind says   u32 CRC-32C of all before
 *   begin: 32 fingerprint, head         whole: 32 fingerprint, head, bytes
 *   batch: { bytes event, i32 from, i32 to, u8 0 | 1 and bytes data }*
 *   white space: head, bytes
 *   failed: text kind, text message, u8 0 | 1 and frame
 * head: u16 status   u8 headers { text name, text value }*
 * </pre>
 *
 * <p>Reading is strict: whatever is not exactly what {@link #encode} writes is no item.
 *
 * <p>Source: RFC 3720 §12.1 (CRC-32C).
 */
final class FleetMessageCodec {
  /** Part of every key, so that replicas of two versions do not listen to each other. */
  static final int VERSION = 2;

  private static final byte BEGIN = 1;
  private static final byte BATCH = 2;
  private static final byte WHOLE = 3;
  private static final byte COMPLETE = 4;
  private static final byte FAILED = 5;
  private static final byte ABANDONED = 6;
  private static final byte WITHDRAWN = 7;
  // Replicas that do not know it make a call of their own.
  private static final byte WHITESPACE = 8;

  private FleetMessageCodec() {}

  /** The bytes of an item. */
  static Buffer encode(FleetMessage message) {
    Buffer out = Buffer.buffer().appendByte((byte) VERSION);
    if (message instanceof FleetMessage.Begin begin) {
      out.appendByte(BEGIN).appendBytes(begin.fingerprint().bytes());
      putHead(out, begin.head());
    } else if (message instanceof FleetMessage.Batch batch) {
      out.appendByte(BATCH);
      batch.frames().forEach(frame -> putFrame(out, frame));
    } else if (message instanceof FleetMessage.Whole whole) {
      out.appendByte(WHOLE).appendBytes(whole.fingerprint().bytes());
      putHead(out, whole.head());
      out.appendInt(whole.body().length()).appendBuffer(whole.body());
    } else if (message instanceof FleetMessage.Whitespace space) {
      putHead(out.appendByte(WHITESPACE), space.head());
      out.appendInt(space.body().length()).appendBuffer(space.body());
    } else if (message instanceof FleetMessage.Failed failed) {
      putFailure(out.appendByte(FAILED), failed.failure());
    } else {
      out.appendByte(plain(message));
    }
    return out.appendInt(checksum(out.getBytes()));
  }

  private static byte plain(FleetMessage message) {
    if (message instanceof FleetMessage.Complete) {
      return COMPLETE;
    }
    return message instanceof FleetMessage.Abandoned ? ABANDONED : WITHDRAWN;
  }

  private static void putHead(Buffer out, Head head) {
    List<Map.Entry<String, String>> headers = head.shared().headers().entries();
    out.appendShort((short) head.status()).appendByte((byte) headers.size());
    for (Map.Entry<String, String> header : headers) {
      putText(out, header.getKey());
      putText(out, header.getValue());
    }
  }

  private static void putFrame(Buffer out, Frame frame) {
    putBytes(out, frame.event());
    out.appendInt(frame.from()).appendInt(frame.to());
    boolean apart = frame.data() != frame.event();
    out.appendByte((byte) (apart ? 1 : 0));
    if (apart) {
      putBytes(out, frame.data());
    }
  }

  private static void putFailure(Buffer out, Failure failure) {
    putText(out, failure.kind().name());
    putText(out, failure.getMessage());
    out.appendByte((byte) (failure.event() == null ? 0 : 1));
    if (failure.event() != null) {
      putFrame(out, failure.event());
    }
  }

  private static void putText(Buffer out, String text) {
    putBytes(out, text.getBytes(StandardCharsets.UTF_8));
  }

  private static void putBytes(Buffer out, byte[] bytes) {
    out.appendInt(bytes.length).appendBytes(bytes);
  }

  /** The item in {@code bytes}, if it is one. */
  static Optional<FleetMessage> decode(byte[] bytes) {
    int covered = bytes.length - 4;
    ByteBuffer in = ByteBuffer.wrap(bytes);
    if (covered < 2
        || in.get() != VERSION
        || in.getInt(covered) != checksum(Arrays.copyOf(bytes, covered))) {
      return Optional.empty();
    }
    try {
      in.limit(covered);
      FleetMessage message = read(in.get(), in);
      return in.hasRemaining() ? Optional.empty() : Optional.of(message);
    } catch (BufferUnderflowException | IllegalArgumentException malformed) {
      return Optional.empty();
    }
  }

  private static FleetMessage read(byte kind, ByteBuffer in) {
    return switch (kind) {
      case BEGIN -> new FleetMessage.Begin(fingerprint(in), head(in));
      case BATCH -> new FleetMessage.Batch(frames(in));
      case WHOLE -> new FleetMessage.Whole(fingerprint(in), head(in), Buffer.buffer(bytes(in)));
      case COMPLETE -> new FleetMessage.Complete();
      case FAILED -> new FleetMessage.Failed(failure(in));
      case ABANDONED -> new FleetMessage.Abandoned();
      case WITHDRAWN -> new FleetMessage.Withdrawn();
      case WHITESPACE -> whitespace(in);
      default -> throw new IllegalArgumentException();
    };
  }

  private static FleetMessage whitespace(ByteBuffer in) {
    FleetMessage.Whitespace space = new FleetMessage.Whitespace(head(in), Buffer.buffer(bytes(in)));
    if (!space.isValid()) {
      throw new IllegalArgumentException();
    }
    return space;
  }

  private static Fingerprint fingerprint(ByteBuffer in) {
    byte[] digest = new byte[Fingerprint.LENGTH];
    in.get(digest);
    return Fingerprint.of(digest);
  }

  private static Head head(ByteBuffer in) {
    int status = in.getShort();
    MultiMap headers = HttpHeaders.headers();
    for (int left = in.get(); left > 0; left--) {
      headers.add(text(in), text(in));
    }
    return new Head(status, headers);
  }

  private static List<Frame> frames(ByteBuffer in) {
    List<Frame> frames = new ArrayList<>();
    while (in.hasRemaining()) {
      frames.add(frame(in));
    }
    return frames;
  }

  private static Frame frame(ByteBuffer in) {
    byte[] event = bytes(in);
    int from = in.getInt();
    int to = in.getInt();
    byte[] data = in.get() == 0 ? event : bytes(in);
    if (from < 0 || from > to || to > data.length) {
      throw new IllegalArgumentException();
    }
    return new Frame(event, data, from, to);
  }

  private static Failure failure(ByteBuffer in) {
    Failure.Kind kind = Failure.Kind.valueOf(text(in));
    String message = text(in);
    return in.get() == 0 ? Failure.of(kind, message) : Failure.reported(frame(in));
  }

  private static String text(ByteBuffer in) {
    return new String(bytes(in), StandardCharsets.UTF_8);
  }

  private static byte[] bytes(ByteBuffer in) {
    int length = in.getInt();
    if (length < 0 || length > in.remaining()) {
      throw new IllegalArgumentException();
    }
    byte[] bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }

  private static int checksum(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }
}
