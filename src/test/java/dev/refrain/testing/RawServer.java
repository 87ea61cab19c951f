package dev.refrain.testing;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * An upstream whose part the test itself plays: it accepts, reads and writes exactly when and what
 * the test says. Waits 20 s at most.
 */
public final class RawServer implements AutoCloseable {
  private static final int PATIENCE = 20_000;
  private static final int PIECE = 1 << 16;

  private final ServerSocket server;

  /** Listens on a free port. */
  public RawServer() throws IOException {
    server = new ServerSocket(0, 256, InetAddress.getLoopbackAddress());
    server.setSoTimeout(PATIENCE);
  }

  /** Its base, without a path. */
  public String url() {
    return "http://127.0.0.1:" + server.getLocalPort();
  }

  /** The next connection. */
  public Peer accept() throws IOException {
    return new Peer(server.accept());
  }

  @Override
  public void close() throws IOException {
    server.close();
  }

  /** The upstream's end of one connection. */
  public static final class Peer implements AutoCloseable {
    private final Socket socket;
    private final HttpWire wire;
    private volatile long sent;

    private Peer(Socket socket) throws IOException {
      this.socket = socket;
      socket.setTcpNoDelay(true);
      socket.setSoTimeout(PATIENCE);
      wire = new HttpWire(socket.getInputStream());
    }

    /** Reads the next head. */
    public MessageHead head() throws IOException {
      MessageHead head = wire.head();
      if (head == null) {
        throw new IOException("closed without a request");
      }
      return head;
    }

    /** The body that follows this head, its transfer coding undone. */
    public InputStream body(MessageHead head) {
      return wire.body(head, false);
    }

    /** Reads a request to its end. */
    public Received request() throws IOException {
      MessageHead head = head();
      return new Received(head, body(head).readAllBytes());
    }

    /** What comes, as it comes. */
    public InputStream stream() {
      return wire.rest();
    }

    /** How often something was there to read, as {@link RawClient#reads}. */
    public long reads() {
      return wire.reads();
    }

    /** Sends text as UTF-8. */
    public Peer send(String text) throws IOException {
      return send(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Sends bytes. */
    public Peer send(byte[] bytes) throws IOException {
      for (int from = 0; from < bytes.length; from += PIECE) {
        int length = Math.min(PIECE, bytes.length - from);
        socket.getOutputStream().write(bytes, from, length);
        sent += length;
      }
      return this;
    }

    /** How many bytes the system has taken so far. Any thread, while one other sends. */
    public long sent() {
      return sent;
    }

    /** Sends a whole answer of 200. */
    public Peer answer(String body) throws IOException {
      return send("HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
    }

    /** Whether the other side closes, orderly or not, whatever it had sent before. */
    public boolean closedByPeer() {
      try {
        stream().skip(Long.MAX_VALUE);
        while (stream().read() >= 0) {
          continue;
        }
        return true;
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

    /** Leaves with a reset. */
    public void abort() throws IOException {
      socket.setSoLinger(true, 0);
      socket.close();
    }
  }
}
