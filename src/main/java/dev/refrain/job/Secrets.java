package dev.refrain.job;

import dev.refrain.cassette.RecordedRequest;
import dev.refrain.cassette.RequestForms;
import dev.refrain.inference.fields.FieldRoles;
import dev.refrain.inference.fields.FieldRoles.FieldRole;
import dev.refrain.inference.fields.QueryFields;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The credentials of one request, as far as they are long enough to be one, and what is put in
 * their place wherever they occur: servers quote a key that they do not accept.
 */
final class Secrets {
  private static final String REMOVED = "[credential]";
  private static final int SHORTEST = 8;

  private final List<String> values = new ArrayList<>(1);

  private Secrets() {}

  /** Those in the header fields and the query of a request. */
  static Secrets of(HttpServerRequest request) {
    Secrets secrets = new Secrets();
    for (Map.Entry<String, String> field : request.headers()) {
      if (FieldRoles.DEFAULT.of(field.getKey()) == FieldRole.CREDENTIAL) {
        secrets.add(field.getValue());
      }
    }
    for (String parameter : QueryFields.credentials(request.uri())) {
      secrets.add(parameter.substring(parameter.indexOf('=') + 1));
    }
    return secrets;
  }

  // "Bearer sk-…": the scheme is no secret, and the rest may be quoted without it.
  private void add(String value) {
    String secret = value.substring(value.trim().lastIndexOf(' ') + 1).trim();
    if (secret.length() >= SHORTEST) {
      values.add(secret);
    }
  }

  /** The same, and one that is sent in the place of those. */
  Secrets and(String other) {
    if (other != null) {
      add(other);
    }
    return this;
  }

  /** The bytes without the credentials; the same array if there are none in it. */
  byte[] removedFrom(byte[] bytes) {
    byte[] clean = bytes;
    for (String value : values) {
      String text = new String(clean, StandardCharsets.ISO_8859_1);
      if (text.contains(value)) {
        clean = text.replace(value, REMOVED).getBytes(StandardCharsets.ISO_8859_1);
      }
    }
    return clean;
  }

  /** The request as a cassette knows it. */
  RecordedRequest form(RequestForms forms, HttpServerRequest request, byte[] body) {
    return forms.of(
        request.method().name(),
        new String(
            removedFrom(request.uri().getBytes(StandardCharsets.ISO_8859_1)),
            StandardCharsets.ISO_8859_1),
        request.getHeader("content-type"),
        removedFrom(body));
  }
}
