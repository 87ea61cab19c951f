package dev.refrain.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.refrain.inference.Failure;
import dev.refrain.json.Edits;
import dev.refrain.json.Span;
import java.io.IOException;

/** What a request says in {@code stream_options}, and where. */
final class StreamOptions {
  private static final Field INCLUDE_USAGE =
      new Field("stream_options", FieldType.FLAG, KeyRole.FRAMING, null, null);

  private Span span;
  private Span includeUsage;
  private boolean object;
  private boolean usage;
  private boolean empty = true;

  void read(JsonParser in, Edits edits) throws IOException {
    int from = (int) in.currentTokenLocation().getByteOffset();
    object = in.currentToken() == JsonToken.START_OBJECT;
    if (object) {
      members(in, edits);
    } else if (!new Scalar(in, INCLUDE_USAGE, edits).isNull()) {
      throw Failure.invalid("stream_options", "must be an object");
    }
    span = new Span(from, (int) in.currentLocation().getByteOffset());
  }

  private void members(JsonParser in, Edits edits) throws IOException {
    while (in.nextToken() != JsonToken.END_OBJECT) {
      empty = false;
      String name = in.currentName();
      in.nextToken();
      if (name.equals("include_usage")) {
        if (includeUsage != null) {
          throw Failure.invalid("stream_options", "include_usage is given twice");
        }
        usage = Boolean.TRUE.equals(new Scalar(in, INCLUDE_USAGE, edits).flag());
        includeUsage = Scalar.span(in);
      } else {
        in.skipChildren();
      }
    }
  }

  /** The whole value, or null if the field is absent. */
  Span span() {
    return span;
  }

  /** The value of {@code include_usage}, or null if it is absent. */
  Span includeUsage() {
    return includeUsage;
  }

  /** Whether the value is an object, not null. */
  boolean isObject() {
    return object;
  }

  /** Whether the object has no members. */
  boolean isEmpty() {
    return empty;
  }

  /** Whether usage is asked for. */
  boolean usage() {
    return usage;
  }
}
