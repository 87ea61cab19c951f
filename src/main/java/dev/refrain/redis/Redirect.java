package dev.refrain.redis;

import io.vertx.redis.client.Response;
import java.util.Optional;

/**
 * A server of a cluster says that a key is elsewhere.
 *
 * @param once whether only this command is meant, because the slot is on its way
 * @param slot which it belongs to
 * @param to where it is
 */
record Redirect(boolean once, int slot, Endpoint to) {

  /**
   * Reads {@code MOVED 3999 host:port} or {@code ASK 3999 host:port}; empty for all else.
   *
   * @param from who said it, and is meant where no host is named
   */
  static Optional<Redirect> of(Throwable cause, Endpoint from) {
    if (!(cause instanceof Response) || cause.getMessage() == null) {
      return Optional.empty();
    }
    String[] words = cause.getMessage().split(" ");
    boolean once = words[0].equals("ASK");
    if (words.length < 3 || !(once || words[0].equals("MOVED"))) {
      return Optional.empty();
    }
    try {
      int slot = Integer.parseInt(words[1]);
      boolean known = slot >= 0 && slot < Slots.COUNT;
      Endpoint to = Endpoint.parse(words[2], from.host());
      return known ? Optional.of(new Redirect(once, slot, to)) : Optional.empty();
    } catch (RuntimeException unreadable) {
      return Optional.empty();
    }
  }
}
