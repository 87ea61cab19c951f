package dev.refrain.inference.fields;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The credentials in a query: parameters that are one by their names. Pure functions. */
public final class QueryFields {
  // Azure Functions' key, and the signature of a shared link.
  private static final Set<String> CREDENTIAL = Set.of("code", "sig");

  private QueryFields() {}

  /** The credentials in a path with a query, as they are written there and in their order. */
  public static List<String> credentials(String target) {
    int query = target.indexOf('?');
    return query < 0 ? List.of() : parameters(target.substring(query + 1), true);
  }

  /** A path with a query, without the credentials in it. */
  public static String withoutCredentials(String target) {
    int query = target.indexOf('?');
    if (query < 0) {
      return target;
    }
    List<String> others = parameters(target.substring(query + 1), false);
    String path = target.substring(0, query);
    return others.isEmpty() ? path : path + "?" + String.join("&", others);
  }

  private static List<String> parameters(String query, boolean credentials) {
    List<String> chosen = new ArrayList<>();
    for (String parameter : query.split("&", -1)) {
      if (isCredential(parameter) == credentials) {
        chosen.add(parameter);
      }
    }
    return chosen;
  }

  private static boolean isCredential(String parameter) {
    int equals = parameter.indexOf('=');
    String written = equals < 0 ? parameter : parameter.substring(0, equals);
    String name = decoded(written).toLowerCase(Locale.ROOT);
    return CREDENTIAL.contains(name) || KnownFields.isCredential(name);
  }

  private static String decoded(String name) {
    try {
      return QueryStringDecoder.decodeComponent(name);
    } catch (IllegalArgumentException garbled) {
      return name;
    }
  }
}
