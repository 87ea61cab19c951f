package dev.refrain.testing;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A client of HTTP/2 without TLS that sends exactly the frames it is told (RFC 9113). Reads wait 20
 * s at most.
 */
public final class RawHttp2 implements AutoCloseable {
  /** The code of an error by which a side says that the other does too much (RFC 9113 §7). */
  public static final int ENHANCE_YOUR_CALM = 0xB;

  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int PING = 6;
  private static final int GOAWAY = 7;
  private static final int CONTINUATION = 9;
  private static final int END_STREAM = 1;
  private static final int ACK = 1;
  private static final int PRIORITY = 0x20;
  private static final int END_HEADERS = 4;
  private static final int CANCEL = 8;

  private final Socket socket;
  private final DataInputStream in;
  private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false);

  /**
   * What came on one stream.
   *
   * @param headers the last head, or null if none came
   * @param body its bytes as they came
   * @param dataFrames how many frames they came in
   * @param reset the code of the reset that ended it, or -1 if it ended in good order
   */
  public record Answer(Http2Headers headers, String body, int dataFrames, long reset) {
    /** The status; -1 if there was no answer. */
    public int status() {
      return headers == null ? -1 : Integer.parseInt(headers.status().toString());
    }
  }

  /** Connects to a port of this machine and says that it speaks HTTP/2. */
  public RawHttp2(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(20_000);
    in = new DataInputStream(socket.getInputStream());
    socket.getOutputStream().write(PREFACE.getBytes(StandardCharsets.US_ASCII));
    frame(SETTINGS, 0, 0, new byte[0]);
  }

  /**
   * Sends a request of these header fields, names and values in turn, one byte a character.
   *
   * @param body null for none
   */
  public RawHttp2 request(int stream, String body, String... fields) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    for (int i = 0; i < fields.length; i += 2) {
      head.write(0); // a literal field without indexing, its name as well (RFC 7541 §6.2.2)
      string(head, fields[i]);
      string(head, fields[i + 1]);
    }
    int end = body == null ? END_STREAM : 0;
    frame(HEADERS, END_HEADERS | end, stream, head.toByteArray());
    if (body != null) {
      frame(DATA, END_STREAM, stream, body.getBytes(StandardCharsets.UTF_8));
    }
    return this;
  }

  /** Asks for a completion on this stream and sends the whole request. */
  public RawHttp2 post(int stream, String body) throws IOException {
    return request(
        stream,
        body,
        ":method",
        "POST",
        ":scheme",
        "http",
        ":authority",
        "proxy",
        ":path",
        "/v1/completions",
        "content-type",
        "application/json");
  }

  /** Reads until this stream ends; fails if the connection ends first. */
  public Answer answer(int stream) throws IOException {
    Http2Headers headers = null;
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    int dataFrames = 0;
    while (true) {
      int length = length();
      if (length < 0) {
        throw new IOException("closed without an answer");
      }
      int type = in.readUnsignedByte();
      int flags = in.readUnsignedByte();
      int of = in.readInt();
      byte[] payload = in.readNBytes(length);
      if (type == SETTINGS && (flags & ACK) == 0) {
        frame(SETTINGS, ACK, 0, new byte[0]);
      } else if (type == HEADERS) {
        int priority = (flags & PRIORITY) != 0 ? 5 : 0;
        // Of every stream: the table is common to them.
        Http2Headers read = decoded(of, Arrays.copyOfRange(payload, priority, length));
        headers = of == stream ? read : headers;
      } else if (type == DATA && of == stream) {
        body.write(payload);
        dataFrames++;
      } else if (type == GOAWAY) {
        throw new IOException("told to go: " + new String(payload, StandardCharsets.UTF_8));
      }
      boolean reset = type == RST_STREAM && of == stream;
      boolean ended = (type == DATA || type == HEADERS) && (flags & END_STREAM) != 0;
      if (reset || ended && of == stream) {
        long code = reset ? ByteBuffer.wrap(payload).getInt() : -1;
        return new Answer(headers, body.toString(StandardCharsets.UTF_8), dataFrames, code);
      }
    }
  }

  private Http2Headers decoded(int stream, byte[] block) throws IOException {
    try {
      return decoder.decodeHeaders(stream, Unpooled.wrappedBuffer(block));
    } catch (Http2Exception garbled) {
      throw new IOException(garbled);
    }
  }

  // A length of up to 2^21, in the prefix of seven bits (RFC 7541 §5.1, §5.2).
  private static void string(ByteArrayOutputStream out, String text) {
    int length = text.length();
    if (length < 127) {
      out.write(length);
    } else {
      out.write(127);
      for (length -= 127; length >= 128; length >>= 7) {
        out.write(length & 0x7F | 0x80);
      }
      out.write(length);
    }
    out.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Says that nothing more is sent. */
  public void leave() throws IOException {
    socket.shutdownOutput();
  }

  /** Sends exactly these bytes. */
  public RawHttp2 send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    return this;
  }

  /** Begins a request whose body is still to come. */
  public void begin(int stream, String path) throws IOException {
    frame(HEADERS, END_HEADERS, stream, head(path));
  }

  /** Begins a request and lets its head go on in pieces of this length, one after another. */
  public void beginInPieces(int stream, String path, int pieces, int length) throws IOException {
    frame(HEADERS, 0, stream, head(path));
    for (int i = 0; i < pieces; i++) {
      frame(CONTINUATION, 0, stream, new byte[length]);
    }
  }

  /** Takes a request back. */
  public void cancel(int stream) throws IOException {
    frame(RST_STREAM, 0, stream, ByteBuffer.allocate(4).putInt(CANCEL).array());
  }

  /** Whether the other side answers a ping, whatever it had sent before. */
  public boolean isAlive() throws IOException {
    frame(PING, 0, 0, new byte[8]);
    for (int length = length(); length >= 0; length = length()) {
      int type = in.readUnsignedByte();
      in.skipNBytes(5L + length);
      if (type == PING) {
        return true;
      }
    }
    return false;
  }

  /**
   * The code with which the other side ends the connection; -1 if it says none. Reads to the end.
   */
  public int farewell() throws IOException {
    int code = -1;
    try {
      for (int length = length(); length >= 0; length = length()) {
        int type = in.readUnsignedByte();
        in.skipNBytes(5);
        byte[] payload = in.readNBytes(length);
        code = type == GOAWAY ? ByteBuffer.wrap(payload).getInt(4) : code;
      }
    } catch (SocketException reset) {
      return code;
    }
    return code;
  }

  private int length() throws IOException {
    int first = in.read();
    return first < 0 ? -1 : first << 16 | in.readUnsignedShort();
  }

  // Of the static table (RFC 7541 App. A): 3 POST, 6 http; without indexing: 1 authority, 4 path.
  private static byte[] head(String path) {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    head.write(0x80 | 3);
    head.write(0x80 | 6);
    literal(head, 1, "proxy");
    literal(head, 4, path);
    return head.toByteArray();
  }

  private static void literal(ByteArrayOutputStream head, int name, String value) {
    head.write(name);
    head.write(value.length());
    head.writeBytes(value.getBytes(StandardCharsets.US_ASCII));
  }

  private void frame(int type, int flags, int stream, byte[] payload) throws IOException {
    ByteBuffer frame = ByteBuffer.allocate(9 + payload.length);
    frame.put((byte) (payload.length >> 16)).putShort((short) payload.length);
    frame.put((byte) type).put((byte) flags).putInt(stream).put(payload);
    socket.getOutputStream().write(frame.array());
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
