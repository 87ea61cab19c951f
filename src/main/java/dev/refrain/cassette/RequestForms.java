package dev.refrain.cassette;

import dev.refrain.cassette.RecordedRequest.Form;
import dev.refrain.inference.fields.QueryFields;
import dev.refrain.json.Utf8;
import dev.refrain.openai.CanonicalBody;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Writes requests as cassettes know them. Lives on one thread. */
public final class RequestForms {
  private static final Pattern BOUNDARY =
      Pattern.compile("(?i)^multipart/.*;\\s*boundary=\"?([^\";,]{1,70})");

  private final CanonicalBody bodies;

  /** By these canonical bodies. */
  public RequestForms(CanonicalBody bodies) {
    this.bodies = bodies;
  }

  /**
   * A request as it was sent.
   *
   * @param uri as in the request line
   * @param contentType as sent, or null
   */
  public RecordedRequest of(String method, String uri, String contentType, byte[] body) {
    String target = QueryFields.withoutCredentials(withoutOrigin(uri));
    String type = contentType == null ? "json" : contentType.toLowerCase(Locale.ROOT);
    RecordedRequest bare = new RecordedRequest(method, target, Form.NONE, "");
    if (body.length == 0) {
      return bare;
    }
    Optional<String> json = type.contains("json") ? bodies.of(bare.path(), body) : Optional.empty();
    if (json.isPresent()) {
      return new RecordedRequest(method, target, Form.BODY, json.get());
    }
    byte[] plain = contentType == null ? body : withoutBoundary(contentType, body);
    return Utf8.firstInvalid(plain) < 0
        ? new RecordedRequest(method, target, Form.TEXT, new String(plain, StandardCharsets.UTF_8))
        : new RecordedRequest(
            method, target, Form.BASE64, Base64.getEncoder().encodeToString(plain));
  }

  /** A request whose JSON was read from a file, where people may have written it otherwise. */
  RecordedRequest again(String method, String target, byte[] json) {
    RecordedRequest bare = new RecordedRequest(method, target, Form.NONE, "");
    String body =
        bodies.of(bare.path(), json).orElseGet(() -> new String(json, StandardCharsets.UTF_8));
    return new RecordedRequest(method, target, Form.BODY, body);
  }

  // It holds the port (RFC 9112 §3.2.2).
  private static String withoutOrigin(String uri) {
    int scheme = uri.indexOf("://");
    if (uri.startsWith("/") || scheme < 0) {
      return uri;
    }
    int path = uri.indexOf('/', scheme + 3);
    return path < 0 ? "/" : uri.substring(path);
  }

  // Clients draw it anew for every request (RFC 2046 §5.1.1).
  private static byte[] withoutBoundary(String contentType, byte[] body) {
    Matcher boundary = BOUNDARY.matcher(contentType);
    if (!boundary.find()) {
      return body;
    }
    return new String(body, StandardCharsets.ISO_8859_1)
        .replace("--" + boundary.group(1), "--boundary")
        .getBytes(StandardCharsets.ISO_8859_1);
  }
}
