package dev.refrain.upstream;

import dev.refrain.inference.fields.KnownFields;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Which headers travel. What belongs to one connection stays on it (RFC 9110 §7.6.1), with what
 * {@code Connection} names and what only one side of a proxy can know.
 */
public final class HopByHop {
  private static final Set<String> NOT_ASKED = with(KnownFields.OURS);

  private static final Set<String> NOT_ANSWERED = with(Set.of());

  // Pass-through requests are not parsed, so only their address changes.
  private static final Set<String> NOT_THROUGH = with(Set.of("host"));

  private static final String NO_PREFIX = "";

  private HopByHop() {}

  // Every header of every message is looked up: in one set, and in one that finds it faster than
  // those that cannot change.
  private static Set<String> with(Set<String> names) {
    Set<String> all = new HashSet<>(KnownFields.CONNECTION);
    all.addAll(names);
    return all;
  }

  /** The request headers to send on. */
  static MultiMap request(MultiMap from) {
    return copy(from, NOT_ASKED, KnownFields.DIRECTIVES);
  }

  /** The response headers to pass back. */
  static MultiMap response(MultiMap from) {
    return copy(from, NOT_ANSWERED, NO_PREFIX);
  }

  /** The headers, or trailers, of a response that is passed through, and trailers of requests. */
  public static MultiMap through(MultiMap from) {
    return copy(from, NOT_THROUGH, NO_PREFIX);
  }

  /** The headers of a request that is passed through. */
  public static MultiMap requestThrough(MultiMap from) {
    return copy(from, NOT_THROUGH, KnownFields.DIRECTIVES);
  }

  private static MultiMap copy(MultiMap from, Set<String> without, String prefix) {
    Set<String> named = named(from);
    MultiMap to = HttpHeaders.headers();
    for (Map.Entry<String, String> header : from) {
      String name = header.getKey().toLowerCase(Locale.ROOT);
      if (!without.contains(name)
          && (prefix.isEmpty() || !name.startsWith(prefix))
          && (named.isEmpty() || !named.contains(name))) {
        to.add(header.getKey(), header.getValue());
      }
    }
    joinCookies(to);
    return to;
  }

  // Over HTTP/2 each cookie may come in a field of its own (RFC 9113 §8.2.3).
  private static void joinCookies(MultiMap headers) {
    List<String> cookies = headers.getAll(HttpHeaders.COOKIE);
    if (cookies.size() > 1) {
      headers.set(HttpHeaders.COOKIE, String.join("; ", cookies));
    }
  }

  private static Set<String> named(MultiMap headers) {
    if (!headers.contains(HttpHeaders.CONNECTION)) {
      return Set.of();
    }
    Set<String> named = new HashSet<>();
    for (String list : headers.getAll(HttpHeaders.CONNECTION)) {
      for (String name : list.split(",")) {
        named.add(name.trim().toLowerCase(Locale.ROOT));
      }
    }
    return named;
  }
}
