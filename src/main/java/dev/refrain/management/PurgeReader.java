package dev.refrain.management;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Purge;
import dev.refrain.inference.Purge.By;
import dev.refrain.inference.Purge.Namespace;
import dev.refrain.inference.fields.FieldRoles;
import dev.refrain.inference.fields.FieldRoles.FieldRole;
import dev.refrain.inference.fields.Scope;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Parses a purge request, from a query or a JSON object. Exactly one of {@code all}, {@code model},
 * {@code scope}, {@code namespace}, {@code fingerprint}; or, in the body alone, because queries end
 * up in logs, what a scope is made of: the credentials, such as {@code authorization}, each as its
 * header would say, or the {@code tenant} of Refrain's own keys in their place.
 *
 * <p>Throws {@link Failure} {@code INVALID}, naming the field. Repeats no value.
 */
final class PurgeReader {
  private static final String TENANT = "tenant";

  /** Longest model name. */
  private static final int LONGEST = 512;

  private final List<Purge> chosen = new ArrayList<>();
  private final MultiMap credentials = HttpHeaders.headers();
  private String tenant;

  private final FieldRoles roles;

  private PurgeReader(FieldRoles roles) {
    this.roles = roles;
  }

  static Purge read(FieldRoles roles, MultiMap query, Buffer body) {
    PurgeReader reader = new PurgeReader(roles);
    query.forEach((name, value) -> reader.choose(name, value));
    for (Map.Entry<String, Object> member : object(body)) {
      String value = text(member.getKey(), member.getValue());
      if (member.getKey().equals(TENANT)) {
        reader.tenant = value;
      } else if (reader.isCredential(member.getKey())) {
        reader.credentials.add(member.getKey(), credential(member.getKey(), value));
      } else {
        reader.choose(member.getKey(), value);
      }
    }
    return reader.one();
  }

  private boolean isCredential(String name) {
    if (Stream.of(By.values()).anyMatch(by -> by.label().equals(name))) {
      return false; // whatever globs the operator wrote
    }
    FieldRole role = roles.of(name);
    return role == FieldRole.CREDENTIAL || role == FieldRole.SCOPE;
  }

  // RFC 9110 §11.4: a bare key is the scope of no caller, and its purge would cover nothing.
  private static String credential(String name, String value) {
    if (name.equalsIgnoreCase("authorization") && !value.matches("\\S+ +\\S.*")) {
      throw Failure.invalid(name, "expected: the header field with its scheme: Bearer and the key");
    }
    return value;
  }

  private static JsonObject object(Buffer body) {
    if (body == null || body.length() == 0) {
      return new JsonObject();
    }
    try {
      return new JsonObject(body);
    } catch (DecodeException | ClassCastException malformed) {
      throw Failure.invalid(null, "the body is not a JSON object");
    }
  }

  private static String text(String name, Object value) {
    boolean fits = name.equals(By.ALL.label()) ? value instanceof Boolean : value instanceof String;
    if (!fits) {
      throw Failure.invalid(name, expected(name));
    }
    return value.toString();
  }

  private void choose(String name, String value) {
    for (By by : By.values()) {
      if (by.label().equals(name)) {
        chosen.add(
            Purge.of(
                    by,
                    by == By.MODEL || by == By.NAMESPACE ? value : value.toLowerCase(Locale.ROOT))
                .filter(purge -> value.length() <= LONGEST)
                .orElseThrow(() -> Failure.invalid(name, expected(name))));
        return;
      }
    }
    throw Failure.invalid(
        name,
        "unknown (expected: all, model, scope, namespace, fingerprint, or in the body authorization"
            + " or tenant)");
  }

  private static String expected(String name) {
    return switch (name) {
      case "all" -> "expected: true";
      case "scope" -> "expected: 16 hexadecimal digits";
      case "fingerprint" -> "expected: 64 hexadecimal digits";
      case "namespace" -> "expected: " + Namespace.EXPECTED;
      case "model" -> "expected: the name of a model, at most " + LONGEST + " characters";
      default -> "expected: a text";
    };
  }

  private Purge one() {
    if (tenant != null || !credentials.isEmpty()) {
      Scope scope = Scope.of(roles, tenant, credentials, "");
      chosen.add(new Purge.OfScope(scope.hash()));
    }
    if (chosen.size() != 1) {
      String expected =
          "expected: one of all, model, scope, namespace, fingerprint, authorization, tenant";
      throw Failure.invalid(null, expected);
    }
    return chosen.get(0);
  }
}
