package dev.refrain.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * An upstream that answers by a script, byte by byte if told so, and remembers what it was asked.
 *
 * <p>Threads: two for each connection, so that a peer that leaves is noticed while a script waits.
 */
public final class ScriptedUpstream implements AutoCloseable {
  private final ServerSocket server;
  private final ExecutorService threads = Executors.newCachedThreadPool(ScriptedUpstream::daemon);
  private final List<Received> received = new CopyOnWriteArrayList<>();
  private final Set<Connection> open = ConcurrentHashMap.newKeySet();
  private final AtomicLong written = new AtomicLong();
  private final AtomicInteger accepted = new AtomicInteger();
  private volatile Function<Received, Script> behaviour;

  private ScriptedUpstream(Function<Received, Script> behaviour) throws IOException {
    this.behaviour = behaviour;
    this.server = new ServerSocket(0, 256, InetAddress.getLoopbackAddress());
    threads.execute(this::accept);
  }

  /** An upstream that chooses its script by the request. */
  public static ScriptedUpstream playing(Function<Received, Script> behaviour) {
    try {
      return new ScriptedUpstream(behaviour);
    } catch (IOException noPort) {
      throw new UncheckedIOException(noPort);
    }
  }

  /** An upstream that plays the same script for every request. */
  public static ScriptedUpstream playing(Script script) {
    return playing(request -> script);
  }

  /** Plays another script from the next request on. */
  public void play(Script script) {
    behaviour = request -> script;
  }

  /** Chooses scripts otherwise from the next request on. */
  public void play(Function<Received, Script> other) {
    behaviour = other;
  }

  /** Its base, without a path. */
  public String url() {
    return "http://127.0.0.1:" + server.getLocalPort();
  }

  /** Requests received so far, in order of arrival. */
  public List<Received> received() {
    return List.copyOf(received);
  }

  /** How many they are. */
  public int calls() {
    return received.size();
  }

  /** The newest request. */
  public Received last() {
    assertThat(received).as("requests that reached the upstream").isNotEmpty();
    return received.get(received.size() - 1);
  }

  /** Waits until this many requests have come. */
  public void awaitCalls(int count) {
    await().atMost(Duration.ofSeconds(10)).until(() -> calls() >= count);
  }

  /** Requests whose scripts are not played to their ends, on connections that are open. */
  public int playing() {
    return open.stream().mapToInt(connection -> connection.unplayed.get()).sum();
  }

  /** Connections made so far. */
  public int connections() {
    return accepted.get();
  }

  /** Connections that neither side has closed. */
  public int openConnections() {
    return open.size();
  }

  /** Bytes that peers have taken so far, or their kernels for them. */
  public long written() {
    return written.get();
  }

  @Override
  public void close() throws IOException {
    server.close();
    open.forEach(Connection::close);
    threads.shutdownNow();
  }

  private void accept() {
    try {
      while (true) {
        Connection connection = new Connection(server.accept());
        accepted.incrementAndGet();
        open.add(connection);
        threads.execute(connection::read);
        threads.execute(connection::answer);
      }
    } catch (IOException closed) {
      // the test is over
    }
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "scripted-upstream");
    thread.setDaemon(true);
    return thread;
  }

  private final class Connection {
    private final Socket socket;
    private final BlockingQueue<Script> asked = new LinkedBlockingQueue<>();
    private final AtomicInteger unplayed = new AtomicInteger();

    Connection(Socket socket) throws IOException {
      this.socket = socket;
      socket.setTcpNoDelay(true);
    }

    void read() {
      try {
        HttpWire wire = new HttpWire(socket.getInputStream());
        for (MessageHead head = wire.head(); head != null; head = wire.head()) {
          Received request = new Received(head, wire.body(head, false).readAllBytes());
          // Chosen before it can be seen: who has seen it may change the script for the next.
          Script script = behaviour.apply(request);
          unplayed.incrementAndGet();
          received.add(request);
          asked.add(script);
        }
      } catch (IOException left) {
        // the same as an orderly close: the peer wants nothing more
      } finally {
        close();
      }
    }

    void answer() {
      try {
        while (!socket.isClosed()) {
          asked.take().play(new Out(socket, written));
          unplayed.decrementAndGet();
        }
      } catch (IOException | InterruptedException left) {
        close();
      }
    }

    void close() {
      open.remove(this);
      try {
        socket.close();
      } catch (IOException ignored) {
        // nothing left to close
      }
    }
  }

  /** Where a script writes. */
  static final class Out {
    private final Socket socket;
    private final OutputStream out;
    private final AtomicLong written;
    private int most = 1 << 16;

    Out(Socket socket, AtomicLong written) throws IOException {
      this.socket = socket;
      this.out = socket.getOutputStream();
      this.written = written;
    }

    void write(byte[] bytes) throws IOException {
      for (int from = 0; from < bytes.length; from += most) {
        int count = Math.min(most, bytes.length - from);
        out.write(bytes, from, count);
        written.addAndGet(count);
      }
    }

    void bytewise() {
      most = 1;
    }

    void reset() throws IOException {
      socket.setSoLinger(true, 0);
      socket.close();
    }

    void close() throws IOException {
      socket.close();
    }
  }
}
