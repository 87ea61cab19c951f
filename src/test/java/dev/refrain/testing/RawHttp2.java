package dev.refrain.testing;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A client of HTTP/2 without TLS that sends exactly the frames it is told (RFC 9113). Reads wait 20
 * s at most.
 */
public final class RawHttp2 implements AutoCloseable {
  /** The code of an error by which a side says that the other does too much (RFC 9113 §7). */
  public static final int ENHANCE_YOUR_CALM = 0xB;

  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int PING = 6;
  private static final int GOAWAY = 7;
  private static final int CONTINUATION = 9;
  private static final int END_HEADERS = 4;
  private static final int CANCEL = 8;

  private final Socket socket;
  private final DataInputStream in;

  /** Connects to a port of this machine and says that it speaks HTTP/2. */
  public RawHttp2(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(20_000);
    in = new DataInputStream(socket.getInputStream());
    socket.getOutputStream().write(PREFACE.getBytes(StandardCharsets.US_ASCII));
    frame(SETTINGS, 0, 0, new byte[0]);
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
