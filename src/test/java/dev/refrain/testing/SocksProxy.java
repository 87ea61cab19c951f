package dev.refrain.testing;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A SOCKS proxy, version 5, that asks for a name and a password and connects to one port of this
 * machine, whoever it is asked for (RFC 1928, RFC 1929).
 *
 * <p>Threads: two for each connection.
 */
public final class SocksProxy implements AutoCloseable {
  private static final int VERSION = 5;
  private static final int BY_PASSWORD = 2;
  private static final int CONNECT = 1;
  private static final int BY_NAME = 3;

  private final String name;
  private final String password;
  private final int target;
  private final ServerSocket server;
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();

  /** One that knows this user. */
  public SocksProxy(String name, String password, int target) throws IOException {
    this.name = name;
    this.password = password;
    this.target = target;
    this.server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
    run(this::accept);
  }

  /** Where it listens. */
  public int port() {
    return server.getLocalPort();
  }

  /** Whom it was asked for by those it knows: host and port. */
  public List<String> asked() {
    return asked;
  }

  private void accept() throws IOException {
    while (true) {
      Socket caller = server.accept();
      open.add(caller);
      run(() -> serve(caller));
    }
  }

  private void serve(Socket caller) throws IOException {
    DataInputStream in = new DataInputStream(caller.getInputStream());
    OutputStream out = caller.getOutputStream();
    if (!isOfPasswords(in)) {
      out.write(new byte[] {VERSION, (byte) 0xFF});
      caller.close();
      return;
    }
    out.write(new byte[] {VERSION, BY_PASSWORD});
    in.readByte(); // the version of this question alone
    boolean known = text(in).equals(name) & text(in).equals(password);
    out.write(new byte[] {1, (byte) (known ? 0 : 1)});
    if (!known) {
      caller.close();
      return;
    }
    asked.add(destination(in));
    Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
    open.add(far);
    out.write(new byte[] {VERSION, 0, 0, 1, 127, 0, 0, 1, 0, 0});
    run(() -> carry(far, caller));
    carry(caller, far);
  }

  private static boolean isOfPasswords(DataInputStream in) throws IOException {
    in.readByte();
    byte[] offered = new byte[in.readUnsignedByte()];
    in.readFully(offered);
    return new String(offered, StandardCharsets.ISO_8859_1).indexOf(BY_PASSWORD) >= 0;
  }

  private static String destination(DataInputStream in) throws IOException {
    in.readByte();
    int command = in.readByte();
    in.readByte();
    int kind = in.readByte();
    if (command != CONNECT || kind != BY_NAME) {
      throw new IOException("command: " + command + ", kind of address: " + kind);
    }
    return text(in) + ":" + in.readUnsignedShort();
  }

  private static String text(DataInputStream in) throws IOException {
    byte[] bytes = new byte[in.readUnsignedByte()];
    in.readFully(bytes);
    return new String(bytes, StandardCharsets.US_ASCII);
  }

  private static void carry(Socket from, Socket to) throws IOException {
    try (from;
        to;
        InputStream in = from.getInputStream()) {
      in.transferTo(to.getOutputStream());
    }
  }

  private static void run(Task task) {
    Thread thread =
        new Thread(
            () -> {
              try {
                task.run();
              } catch (IOException over) {
                // one side has left
              }
            },
            "socks");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket each : open) {
      each.close();
    }
  }

  /** What may end by an exception. */
  private interface Task {
    void run() throws IOException;
  }
}
