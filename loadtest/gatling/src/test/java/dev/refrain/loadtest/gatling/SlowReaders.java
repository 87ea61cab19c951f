package dev.refrain.loadtest.gatling;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Callers who ask for long streams and then hardly read, with a small window. */
final class SlowReaders implements AutoCloseable {
  private static final int WINDOW = 4096;
  private static final int TIMEOUT = 10_000;
  private static final String BODY =
      "{\"model\":\"any\",\"prompt\":\"long %d\",\"max_tokens\":100000,\"temperature\":0.7,\"stream\":true}";

  private final List<Socket> sockets = new ArrayList<>();

  /** Opens so many connections, and leaves what comes where it is. */
  static SlowReaders open(int count) throws IOException {
    SlowReaders readers = new SlowReaders();
    for (int number = 0; number < count; number++) {
      readers.ask(String.format(BODY, number));
    }
    return readers;
  }

  private void ask(String body) throws IOException {
    Socket socket = new Socket();
    sockets.add(socket);
    socket.setReceiveBufferSize(WINDOW);
    socket.setSoTimeout(TIMEOUT);
    socket.connect(new InetSocketAddress(Size.TARGET.getHost(), Size.TARGET.getPort()), TIMEOUT);
    String head =
        "POST %s HTTP/1.1\r\nHost: refrain\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n";
    String request = String.format(head, Asking.PATH, body.length()) + body;
    socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    if (socket.getInputStream().read() < 0) {
      throw new IOException("a slow reader was turned away");
    }
  }

  @Override
  public void close() {
    for (Socket socket : sockets) {
      try {
        socket.close();
      } catch (IOException e) {
        throw new IllegalStateException("a slow reader's connection cannot be closed", e);
      }
    }
  }
}
