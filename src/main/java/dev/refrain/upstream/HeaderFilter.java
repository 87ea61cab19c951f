package dev.refrain.upstream;

import dev.refrain.inference.fields.FieldRoles;
import dev.refrain.inference.fields.FieldRoles.FieldRole;
import dev.refrain.inference.fields.QueryFields;
import io.vertx.core.MultiMap;
import java.util.Locale;
import java.util.Set;

/**
 * Header fields that the operator allows to be forwarded, among those that may be ({@link
 * HopByHop}). Names are in lower case.
 *
 * @param allow of a request; empty is all
 * @param drop of a request
 * @param hide of an answer
 * @param credentials whether those of callers travel
 */
public record HeaderFilter(
    Set<String> allow, Set<String> drop, Set<String> hide, boolean credentials) {
  /** Everything travels. */
  public static final HeaderFilter ALL = new HeaderFilter(Set.of(), Set.of(), Set.of(), true);

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
    if (!credentials) {
      Set.copyOf(headers.names()).stream()
          .filter(HeaderFilter::isCredential)
          .forEach(headers::remove);
    }
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

  /**
   * Whether a field of a request is sent, by its name in lower case; credentials are not judged.
   */
  public boolean sends(String name) {
    return !drop.contains(name)
        && (allow.isEmpty() || allow.contains(name) || NEEDED.contains(name));
  }

  private static boolean isCredential(String name) {
    return FieldRoles.DEFAULT.of(name) == FieldRole.CREDENTIAL;
  }

  /** Path and query of a request as they are sent. */
  String target(String asked) {
    return credentials ? asked : QueryFields.withoutCredentials(asked);
  }

  /** Takes from an answer what is not to be passed back. */
  public void answer(MultiMap headers) {
    hide.forEach(headers::remove);
  }
}
