package dev.refrain.management;

import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Reads the events of the live page one by one; each is a chunk, and so on lines of its own. */
final class Watcher implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 20_000;

  private final Socket socket;
  private final BufferedReader lines;
  private final String head;

  /** Watches at this port; the head of the answer is there when this returns. */
  Watcher(int port) throws IOException {
    socket = new Socket("127.0.0.1", port);
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket
        .getOutputStream()
        .write("GET /events HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    lines =
        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    StringBuilder read = new StringBuilder();
    for (String line = lines.readLine(); !line.isEmpty(); line = lines.readLine()) {
      read.append(line).append('\n');
    }
    head = read.toString().toLowerCase(Locale.ROOT);
  }

  /** Status line and header fields, in lower case. */
  String head() {
    return head;
  }

  boolean isTold() {
    return head.startsWith("http/1.1 200 ");
  }

  /** The next event. */
  JsonObject next() throws IOException {
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.startsWith("data: ")) {
        return new JsonObject(line.substring("data: ".length()));
      }
    }
    throw new AssertionError("the events have ended");
  }

  /** Whether the other side ends the events, whatever is said before. */
  boolean ends() throws IOException {
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.equals("0")) {
        return true;
      }
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
