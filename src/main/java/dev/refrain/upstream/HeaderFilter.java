package dev.refrain.upstream;

import io.vertx.core.MultiMap;
import java.util.Locale;
import java.util.Set;

/**
 * Which header fields the operator lets travel, of those that may travel at all ({@link HopByHop}).
 * Names are in lower case.
 *
 * @param allow of a request; empty is all
 * @param drop of a request
 * @param hide of an answer
 */
public record HeaderFilter(Set<String> allow, Set<String> drop, Set<String> hide) {
  /** Everything travels. */
  public static final HeaderFilter ALL = new HeaderFilter(Set.of(), Set.of(), Set.of());

  // Without them the server would not know how to read what is sent, nor who pays, nor how the
  // connection goes on.
  private static final Set<String> NEEDED =
      Set.of(
          "authorization",
          "connection",
          "content-type",
          "expect",
          "te",
          "upgrade",
          "via",
          "x-request-id");

  /** Copies what it is given. */
  public HeaderFilter {
    allow = Set.copyOf(allow);
    drop = Set.copyOf(drop);
    hide = Set.copyOf(hide);
  }

  /** Takes from a request what is not to be sent. */
  void request(MultiMap headers) {
    drop.forEach(headers::remove);
    if (allow.isEmpty()) {
      return;
    }
    for (String name : Set.copyOf(headers.names())) {
      String lower = name.toLowerCase(Locale.ROOT);
      if (!allow.contains(lower) && !NEEDED.contains(lower)) {
        headers.remove(name);
      }
    }
  }

  /** Takes from an answer what is not to be passed back. */
  public void answer(MultiMap headers) {
    hide.forEach(headers::remove);
  }
}
