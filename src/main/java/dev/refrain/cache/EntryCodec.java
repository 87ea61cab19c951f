package dev.refrain.cache;

import dev.refrain.inference.Entry;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.Framing;
import dev.refrain.inference.Head;
import dev.refrain.inference.Tokens;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Entries as bytes, for the tiers outside this process. Big-endian:
 *
 * <pre>
 * u8 version   u8 framing   32 fingerprint   i64 stored at   u16 status
 * u16 length, model   i64 scope   from version 3: i64 ttl   u16 length, namespace
 * version 4: u16 length, endpoint   u8 coding of the body   i32 its length without
 * u8 tokens known   i64 prompt tokens   i64 completion tokens
 * u8 headers   { u16 length, name   u16 length, value }*
 * i32 length, body   u32 CRC-32C of all before
 * </pre>
 *
 * <p>The coding is 0 for none or 1 for deflate. In Redis, version 3 is written only where the entry
 * says its lifetime or a namespace, and version 4 only for a stream that is long enough to be
 * compressed, so that a replica that does not know them can read all others; it takes these for
 * none.
 *
 * <p>Reading is strict: whatever is not exactly what {@link #encode} writes is no entry. The
 * checksum finds accidents, not forgers: who may write to the tier is trusted with the answers.
 *
 * <p>Source: RFC 3720 §12.1 (CRC-32C).
 */
public final class EntryCodec {
  /** Part of every key in Redis, so that replicas of two versions do not read each other's. */
  public static final int VERSION = 2;

  private static final int WITH_POLICY = 3;
  private static final int WITH_ENDPOINT = 4;

  static final int MAX_HEADERS = 32;
  static final int MAX_TEXT = 4096;
  private static final int FIXED =
      1 + 1 + Fingerprint.LENGTH + 8 + 2 + 2 + 8 + 1 + 8 + 8 + 1 + 4 + 4;
  private static final Framing[] FRAMINGS = Framing.values();

  private final int maxBytes;
  private final boolean complete;

  /** A codec for values of up to {@code maxBytes} that older replicas can read, too. */
  public EntryCodec(int maxBytes) {
    this(maxBytes, false);
  }

  private EntryCodec(int maxBytes, boolean complete) {
    this.maxBytes = maxBytes;
    this.complete = complete;
  }

  /** One that writes everything an entry says, for what only this process reads. */
  public static EntryCodec complete(int maxBytes) {
    return new EntryCodec(maxBytes, true);
  }

  /** The bytes of an entry; empty if they would be more, or its head longer, than is ever read. */
  public Optional<byte[]> encode(Entry entry) {
    // Not size(), which counts names: a header may stand there several times.
    List<Map.Entry<String, String>> headers = entry.head().headers().entries();
    int version = version(entry);
    int model = utf8(entry.model()).length;
    long length = FIXED + policy(version, entry) + model + (long) entry.body().length();
    for (Map.Entry<String, String> header : headers) {
      int name = utf8(header.getKey()).length;
      int value = utf8(header.getValue()).length;
      if (name > MAX_TEXT || value > MAX_TEXT) {
        return Optional.empty();
      }
      length += 4L + name + value;
    }
    if (model > MAX_TEXT || headers.size() > MAX_HEADERS || length > maxBytes) {
      return Optional.empty();
    }
    byte[] body = entry.body().getBytes();
    byte[] coded = version == WITH_ENDPOINT ? Deflated.deflate(body) : body;
    ByteBuffer out = ByteBuffer.allocate((int) length - body.length + coded.length);
    return Optional.of(write(version, entry, headers, body.length, coded, out));
  }

  private int version(Entry entry) {
    boolean stream = entry.framing() == Framing.STREAM;
    if (complete || stream && entry.body().length() >= Deflated.LEAST) {
      return WITH_ENDPOINT;
    }
    return entry.ttl() == 0 && entry.namespace().isEmpty() ? VERSION : WITH_POLICY;
  }

  private static int policy(int version, Entry entry) {
    int policy = version < WITH_POLICY ? 0 : 8 + 2 + utf8(entry.namespace()).length;
    return version < WITH_ENDPOINT ? policy : policy + 2 + utf8(entry.endpoint()).length + 1 + 4;
  }

  private static byte[] write(
      int version,
      Entry entry,
      List<Map.Entry<String, String>> headers,
      int length,
      byte[] body,
      ByteBuffer out) {
    out.put((byte) version).put((byte) entry.framing().ordinal());
    out.put(entry.fingerprint().bytes());
    out.putLong(entry.storedAt()).putShort((short) entry.head().status());
    put(out, utf8(entry.model()));
    out.putLong(entry.scope());
    if (version >= WITH_POLICY) {
      out.putLong(entry.ttl());
      put(out, utf8(entry.namespace()));
    }
    if (version >= WITH_ENDPOINT) {
      put(out, utf8(entry.endpoint()));
      out.put((byte) (body.length < length ? 1 : 0)).putInt(length);
    }
    Tokens tokens = entry.tokens();
    out.put((byte) (tokens.known() ? 1 : 0)).putLong(tokens.prompt()).putLong(tokens.completion());
    out.put((byte) headers.size());
    for (Map.Entry<String, String> header : headers) {
      put(out, utf8(header.getKey()));
      put(out, utf8(header.getValue()));
    }
    out.putInt(body.length).put(body);
    out.putInt(checksum(out.array(), out.position()));
    return out.array();
  }

  /** The entry in {@code bytes} if it is one, and the answer to {@code expected}. */
  public Optional<Entry> decode(Fingerprint expected, byte[] bytes) {
    return decode(bytes).filter(entry -> entry.fingerprint().equals(expected));
  }

  /** The entry in {@code bytes} if it is one, whatever it answers. */
  public Optional<Entry> decode(byte[] bytes) {
    if (bytes.length < FIXED || bytes.length > maxBytes) {
      return Optional.empty();
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    int covered = bytes.length - 4;
    byte version = in.get(0);
    boolean known = version >= VERSION && version <= WITH_ENDPOINT;
    if (!known || in.getInt(covered) != checksum(bytes, covered)) {
      return Optional.empty();
    }
    try {
      return read(version, in.position(1).limit(covered), maxBytes);
    } catch (BufferUnderflowException | IllegalArgumentException malformed) {
      return Optional.empty();
    }
  }

  private static Optional<Entry> read(byte version, ByteBuffer in, int maxBytes) {
    Framing framing = FRAMINGS[check(in.get(), FRAMINGS.length - 1)];
    byte[] digest = new byte[Fingerprint.LENGTH];
    in.get(digest);
    long storedAt = in.getLong();
    int status = in.getShort();
    String model = text(in);
    long scope = in.getLong();
    long ttl = version >= WITH_POLICY ? in.getLong() : 0;
    String namespace = version >= WITH_POLICY ? text(in) : "";
    String endpoint = version >= WITH_ENDPOINT ? text(in) : "";
    boolean deflated = version >= WITH_ENDPOINT && check(in.get(), 1) == 1;
    int whole = version >= WITH_ENDPOINT ? check(in.getInt(), maxBytes) : 0;
    Tokens tokens = tokens(in);
    Head head = new Head(status, headers(in));
    int length = in.getInt();
    if (!head.ok() || storedAt < 0 || ttl < 0 || length != in.remaining()) {
      return Optional.empty();
    }
    if (version >= WITH_ENDPOINT && !deflated) {
      check(whole == length ? 0 : 1, 0);
    }
    Buffer body =
        deflated
            ? Buffer.buffer(Deflated.inflate(in.array(), in.position(), length, whole))
            : Buffer.buffer(length).appendBytes(in.array(), in.position(), length);
    return Optional.of(
        new Entry(
            Fingerprint.of(digest),
            framing,
            head,
            body,
            tokens,
            storedAt,
            model,
            scope,
            ttl,
            namespace,
            endpoint));
  }

  private static Tokens tokens(ByteBuffer in) {
    boolean known = check(in.get(), 1) == 1;
    long prompt = in.getLong();
    long completion = in.getLong();
    return known ? Tokens.of(prompt, completion) : Tokens.UNKNOWN;
  }

  private static MultiMap headers(ByteBuffer in) {
    MultiMap headers = HttpHeaders.headers();
    for (int left = check(in.get(), MAX_HEADERS); left > 0; left--) {
      headers.add(text(in), text(in));
    }
    return headers;
  }

  private static String text(ByteBuffer in) {
    int length = check(in.getShort(), Math.min(MAX_TEXT, in.remaining()));
    String text = new String(in.array(), in.position(), length, StandardCharsets.UTF_8);
    in.position(in.position() + length);
    return text;
  }

  private static void put(ByteBuffer out, byte[] text) {
    out.putShort((short) text.length).put(text);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static int check(int value, int max) {
    if (value < 0 || value > max) {
      throw new IllegalArgumentException();
    }
    return value;
  }

  private static int checksum(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }
}
