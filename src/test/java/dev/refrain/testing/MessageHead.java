package dev.refrain.testing;

import java.util.List;
import java.util.Optional;

/**
 * The head of an HTTP/1.1 message, as it came.
 *
 * @param start the request or status line
 * @param fields the header fields in their order
 */
public record MessageHead(String start, List<Field> fields) {
  /** A header field as spelled. */
  public record Field(String name, String value) {}

  /** The first value of this name. */
  public Optional<String> first(String name) {
    return all(name).stream().findFirst();
  }

  /** All values of this name. */
  public List<String> all(String name) {
    return fields.stream()
        .filter(field -> field.name.equalsIgnoreCase(name))
        .map(Field::value)
        .toList();
  }

  /** Whether the field is there. */
  public boolean has(String name) {
    return !all(name).isEmpty();
  }

  /** The status of a response. */
  public int status() {
    return Integer.parseInt(start.split(" ")[1]);
  }

  /** The method of a request. */
  public String method() {
    return start.split(" ")[0];
  }

  /** The target of a request. */
  public String target() {
    return start.split(" ")[1];
  }

  boolean chunked() {
    return first("Transfer-Encoding").filter("chunked"::equalsIgnoreCase).isPresent();
  }
}
