package dev.refrain.json;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * A buffer put together of parts of others. Only small parts are copied: a large one stays where it
 * is, however often it occurs. So a document of many copies takes the room of one.
 *
 * <p>The parts must not be changed afterwards. For one thread; the finished buffer may cross.
 */
public final class Rope {
  /** Bytes from which on a part is not copied: less than what it costs to refer to it twice. */
  private static final int LARGE = 512;

  /** Bytes of heap that a referenced part takes. */
  private static final int REFERENCE = 160;

  private final List<ByteBuf> parts = new ArrayList<>();
  private Buffer copied = Buffer.buffer();

  /** Appends {@code [from, to)} of a buffer. */
  public Rope append(Buffer source, int from, int to) {
    if (to - from < LARGE) {
      copied.appendBuffer(source, from, to - from);
    } else {
      flush();
      parts.add(((BufferInternal) source).getByteBuf().slice(from, to - from));
    }
    return this;
  }

  /** Appends a copy of these bytes. */
  public Rope append(byte[] bytes) {
    copied.appendBytes(bytes);
    return this;
  }

  /** Appends one byte. */
  public Rope append(char ascii) {
    copied.appendByte((byte) ascii);
    return this;
  }

  private void flush() {
    if (copied.length() > 0) {
      parts.add(((BufferInternal) copied).getByteBuf());
      copied = Buffer.buffer();
    }
  }

  /** All of it as one buffer, to be read only. */
  public Buffer toBuffer() {
    if (parts.isEmpty()) {
      return copied;
    }
    flush();
    CompositeByteBuf all = Unpooled.compositeBuffer(Math.max(2, parts.size()));
    parts.forEach(part -> all.addComponent(true, part));
    // Its slices are written to sockets, and the first one written must not free the others.
    return BufferInternal.buffer(Unpooled.unreleasableBuffer(all));
  }

  /**
   * The bytes of a buffer that does not change, from index 0 on. They are not copied unless they
   * are scattered; the array may be longer.
   */
  static byte[] bytes(Buffer buffer) {
    ByteBuf bytes = ((BufferInternal) buffer).getByteBuf();
    return bytes.hasArray() && bytes.arrayOffset() == 0 && bytes.readerIndex() == 0
        ? bytes.array()
        : buffer.getBytes();
  }

  /** Bytes of heap that a buffer takes, those that its parts share counted once. */
  public static long weight(Buffer buffer) {
    if (!(composite(buffer) instanceof CompositeByteBuf all)) {
      return buffer.length();
    }
    Set<Object> counted = Collections.newSetFromMap(new IdentityHashMap<>());
    long weight = overhead(buffer);
    for (int i = 0; i < all.numComponents(); i++) {
      ByteBuf part = all.internalComponent(i);
      if (part.hasArray() && counted.add(part.array())) {
        weight += part.array().length;
      }
    }
    return weight;
  }

  /** Bytes of heap that a buffer takes beside the bytes it is made of. */
  public static long overhead(Buffer buffer) {
    return composite(buffer) instanceof CompositeByteBuf all
        ? (long) all.numComponents() * REFERENCE
        : 0;
  }

  private static ByteBuf composite(Buffer buffer) {
    ByteBuf bytes = ((BufferInternal) buffer).getByteBuf();
    while (bytes != null && !(bytes instanceof CompositeByteBuf)) {
      bytes = bytes.unwrap();
    }
    return bytes;
  }
}
