package dev.refrain.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import jdk.net.ExtendedSocketOptions;

/** A client that sends exactly the bytes it is told, on one connection. Reads wait 20 s at most. */
public final class RawClient implements AutoCloseable {
  private final Socket socket;
  private final HttpWire wire;

  /** Connects to a port of this machine. */
  public RawClient(int port) throws IOException {
    this(port, 0);
  }

  /** Connects with a receive buffer of about {@code buffer} bytes; 0 leaves it to the system. */
  public RawClient(int port, int buffer) throws IOException {
    socket = new Socket();
    if (buffer > 0) {
      socket.setReceiveBufferSize(buffer);
    }
    socket.connect(new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), port), 5_000);
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(20_000);
    wire = new HttpWire(socket.getInputStream());
  }

  /** Sends text as UTF-8. */
  public RawClient send(String text) throws IOException {
    return send(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Sends bytes. */
  public RawClient send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    return this;
  }

  /** Sends a completion request with a proper head. */
  public RawClient post(byte[] body, String... lines) throws IOException {
    return post("/v1/completions", body, lines);
  }

  /** Posts a body to an endpoint with a proper head. */
  public RawClient postTo(String path, String body, String... lines) throws IOException {
    return post(path, body.getBytes(StandardCharsets.UTF_8), lines);
  }

  private RawClient post(String path, byte[] body, String... lines) throws IOException {
    StringBuilder head =
        new StringBuilder("POST " + path + " HTTP/1.1\r\nHost: proxy\r\n")
            .append("Content-Type: application/json\r\nContent-Length: ")
            .append(body.length)
            .append("\r\n");
    for (String line : lines) {
      head.append(line).append("\r\n");
    }
    return send(head.append("\r\n").toString()).send(body);
  }

  /** Sends a completion request with a proper head. */
  public RawClient post(String body, String... lines) throws IOException {
    return post(body.getBytes(StandardCharsets.UTF_8), lines);
  }

  /** Reads the next head; if a body follows it is in the way of the head after it. */
  public MessageHead head() throws IOException {
    MessageHead head = wire.head();
    if (head == null) {
      throw new IOException("closed without an answer");
    }
    return head;
  }

  /** Reads the next head and leaves its body to be read. */
  public Answer answer() throws IOException {
    MessageHead head = head();
    boolean bodiless = head.status() < 200 || head.status() == 204;
    return new Answer(head, bodiless ? InputStream.nullInputStream() : wire.body(head, true));
  }

  /** The trailers of the last answer that was read to its end. */
  public List<MessageHead.Field> trailers() {
    return wire.trailers();
  }

  /** What comes, as it comes. */
  public InputStream stream() {
    return wire.rest();
  }

  /**
   * How often something was there to read. On loopback that is no more than the other side has
   * written, and less only where it wrote again before we had read.
   */
  public long reads() {
    return wire.reads();
  }

  /**
   * Lets the kernel wait with its next acknowledgements, 40 ms on Linux, as it does for clients far
   * away. It forgets about it soon, so say it before every read.
   */
  public void acknowledgeLate() throws IOException {
    socket.setOption(ExtendedSocketOptions.TCP_QUICKACK, false);
  }

  /** Whether the other side closes, orderly or not, without saying anything more. */
  public boolean closedByPeer() throws IOException {
    try {
      return wire.head() == null;
    } catch (java.net.SocketTimeoutException stillOpen) {
      return false;
    } catch (IOException reset) {
      return true;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  /** Leaves with a reset, as a killed process does. */
  public void abort() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  /**
   * An answer whose head has come.
   *
   * @param stream its body, transfer coding undone
   */
  public record Answer(MessageHead head, InputStream stream) {
    /** Its status. */
    public int status() {
      return head.status();
    }

    /** The rest of the body; fails if it breaks off. */
    public String text() throws IOException {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }

    /** The rest of the body, as far as it comes, however the connection ends. */
    public String whatCame() throws IOException {
      ByteArrayOutputStream came = new ByteArrayOutputStream();
      try {
        stream.transferTo(came);
      } catch (java.net.SocketTimeoutException neverEnded) {
        throw neverEnded;
      } catch (IOException brokenOff) {
        // whether a failed stream ends with its last chunk or with the connection is not the point
      }
      return came.toString(StandardCharsets.UTF_8);
    }

    /** Reads up to and including this text. */
    public String until(String marker) throws IOException {
      ByteArrayOutputStream came = new ByteArrayOutputStream();
      byte[] end = marker.getBytes(StandardCharsets.UTF_8);
      while (!endsWith(came.toByteArray(), end)) {
        int b = stream.read();
        if (b < 0) {
          throw new IOException("ended before '" + marker + "': " + came);
        }
        came.write(b);
      }
      return came.toString(StandardCharsets.UTF_8);
    }

    private static boolean endsWith(byte[] bytes, byte[] end) {
      return bytes.length >= end.length
          && java.util.Arrays.equals(
              bytes, bytes.length - end.length, bytes.length, end, 0, end.length);
    }
  }
}
