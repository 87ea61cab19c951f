package dev.refrain.testing;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A Redis that answers by a script of the test: it knows the framing of commands and nothing else.
 *
 * <p>Source: Redis documentation, "Redis serialization protocol specification", RESP2.
 */
public final class ScriptedRedis {
  /** What a server says that does all it is asked. */
  public static final String OK = "+OK\r\n";

  private final NetServer server;
  private final Script script;
  private final AtomicInteger connections = new AtomicInteger();

  /** What to answer. */
  @FunctionalInterface
  public interface Script {
    /**
     * The reply to a command.
     *
     * @param connection which it came by, counted from 1
     * @param command its name in small letters
     * @return bytes of the protocol; null closes the connection
     */
    String reply(int connection, String command);
  }

  private ScriptedRedis(Vertx vertx, Script script) {
    this.script = script;
    this.server = vertx.createNetServer().connectHandler(this::accept);
  }

  /** One that listens on a free port. */
  public static Future<ScriptedRedis> start(Vertx vertx, Script script) {
    ScriptedRedis redis = new ScriptedRedis(vertx, script);
    return redis.server.listen(0, "127.0.0.1").map(redis);
  }

  /** As clients name it. */
  public String url() {
    return "redis://127.0.0.1:" + server.actualPort();
  }

  /** How many connections there were so far. */
  public int connections() {
    return connections.get();
  }

  private void accept(NetSocket peer) {
    int number = connections.incrementAndGet();
    Buffer[] pending = {Buffer.buffer()};
    peer.handler(
        bytes -> {
          Buffer all = pending[0].appendBuffer(bytes);
          int at = 0;
          for (int end = end(all, at); end > 0; end = end(all, at)) {
            answer(peer, number, all.getString(at, end));
            at = end;
          }
          pending[0] = all.getBuffer(at, all.length());
        });
  }

  private void answer(NetSocket peer, int connection, String command) {
    String name = command.split("\r\n")[2].toLowerCase(Locale.ROOT);
    String reply = script.reply(connection, name);
    if (reply == null) {
      peer.close();
    } else {
      peer.write(reply);
    }
  }

  /** Where the command ends that begins at {@code from}: an array of bulk strings; 0 if not yet. */
  private static int end(Buffer bytes, int from) {
    int at = lineEnd(bytes, from);
    int left = at == 0 ? 0 : number(bytes, from, at);
    for (; at > 0 && left > 0; left--) {
      int header = at;
      at = lineEnd(bytes, header);
      at = at == 0 ? 0 : at + number(bytes, header, at) + 2;
    }
    return at > bytes.length() ? 0 : at;
  }

  private static int number(Buffer bytes, int from, int to) {
    return Integer.parseInt(bytes.getString(from + 1, to - 2));
  }

  private static int lineEnd(Buffer bytes, int from) {
    for (int i = from; i + 1 < bytes.length(); i++) {
      if (bytes.getByte(i) == '\r' && bytes.getByte(i + 1) == '\n') {
        return i + 2;
      }
    }
    return 0;
  }
}
