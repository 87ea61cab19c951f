package dev.refrain.management;

import dev.refrain.inference.Failure;
import dev.refrain.management.ManagementServices.ExplainAction;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;

/**
 * Parses a request to explain a request: either that request itself, body and header, or an object
 * {@code {"endpoint": "chat", "headers": {"User-Agent": "x"}, "body": {…}}}, whose body may also be
 * text. The endpoint may be left out where the fields of the body say it.
 *
 * <p>Throws {@link dev.refrain.inference.Failure} {@code INVALID}, naming the field. Repeats no
 * value.
 */
final class ExplainReader {
  private static final String BODY = "body";
  private static final String HEADERS = "headers";
  private static final String ENDPOINT = "endpoint";

  private ExplainReader() {}

  /**
   * Reads it.
   *
   * @param headers of the request itself, without what is for the management port
   */
  static ExplainAction.Question read(MultiMap query, MultiMap headers, Buffer body) {
    JsonObject document = object(body);
    String endpoint = query.get(ENDPOINT);
    if (!document.containsKey(BODY)) {
      return new ExplainAction.Question(endpoint, HttpHeaders.headers().addAll(headers), body);
    }
    Buffer asked = body(document.getValue(BODY));
    Object said = document.getValue(ENDPOINT, endpoint);
    if (said != null && !(said instanceof String)) {
      throw Failure.invalid(ENDPOINT, "expected: a text");
    }
    return new ExplainAction.Question(
        (String) said, headers(document.getValue(HEADERS, new JsonObject())), asked);
  }

  private static Buffer body(Object body) {
    if (body instanceof JsonObject object) {
      return object.toBuffer();
    }
    if (body instanceof String text) {
      return Buffer.buffer(text);
    }
    throw Failure.invalid(BODY, "expected: an object, or its text");
  }

  private static MultiMap headers(Object given) {
    if (!(given instanceof JsonObject fields)) {
      throw Failure.invalid(HEADERS, "expected: an object of texts");
    }
    MultiMap headers = HttpHeaders.headers();
    fields.forEach(
        field -> {
          if (!(field.getValue() instanceof String value)) {
            throw Failure.invalid(HEADERS, "expected: an object of texts");
          }
          try {
            headers.add(field.getKey(), value);
          } catch (IllegalArgumentException noHeader) {
            throw Failure.invalid(HEADERS, "expected: names and values of header fields");
          }
        });
    return headers;
  }

  private static JsonObject object(Buffer body) {
    try {
      return new JsonObject(body == null ? Buffer.buffer() : body);
    } catch (DecodeException | ClassCastException malformed) {
      throw Failure.invalid(null, "the body is not a JSON object");
    }
  }
}
