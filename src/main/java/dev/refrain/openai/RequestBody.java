package dev.refrain.openai;

import dev.refrain.inference.Content;
import dev.refrain.inference.Framing;
import dev.refrain.json.Edits;
import dev.refrain.json.Slice.Span;
import io.vertx.core.buffer.Buffer;

/**
 * The body as the caller wrote it, with the few places known that another framing needs changed.
 * What the caller spelled as a string and means a number is sent as a number; every other byte
 * stays.
 */
final class RequestBody implements Content {
  private final Buffer original;
  private final Edits coercions;
  private final Spelling spelling;

  /**
   * Positions of the members that select the framing of the answer.
   *
   * @param object just behind the brace that opens the body
   * @param stream the value of {@code stream}, or null if absent
   */
  record Spelling(Framing framing, boolean usage, int object, Span stream, StreamOptions options) {}

  RequestBody(Buffer original, Edits coercions, Spelling spelling) {
    this.original = original;
    this.coercions = coercions;
    this.spelling = spelling;
  }

  /** The same body with these edits in the place of what was only spelled otherwise. */
  RequestBody with(Edits edits) {
    return new RequestBody(original, edits, spelling);
  }

  /** The body as it came. */
  Buffer original() {
    return original;
  }

  /** Values that are sent in another form than they were written. */
  Edits coercions() {
    return coercions;
  }

  @Override
  public Buffer bytes(Framing framing, boolean usage) {
    if (framing == spelling.framing && (usage == spelling.usage || framing == Framing.WHOLE)) {
      return coercions.applyTo(original);
    }
    Edits edits = new Edits(coercions);
    if (framing != spelling.framing) {
      stream(edits, framing);
    }
    options(edits, framing, usage);
    return edits.applyTo(original);
  }

  @Override
  public boolean asksUsage() {
    return spelling.usage;
  }

  @Override
  public boolean asksContinuousUsage() {
    return spelling.usage && spelling.options.isContinuous();
  }

  private void stream(Edits edits, Framing framing) {
    String value = framing == Framing.STREAM ? "true" : "false";
    if (spelling.stream != null) {
      edits.replace(spelling.stream.from(), spelling.stream.to(), value);
    } else {
      edits.replace(spelling.object, spelling.object, "\"stream\":" + value + ",");
    }
  }

  // A field at its default is removed, because a server may not know it.
  private void options(Edits edits, Framing framing, boolean usage) {
    Span whole = spelling.options.span();
    Span include = spelling.options.includeUsage();
    if (framing == Framing.WHOLE) {
      if (whole != null) {
        edits.replace(whole.from(), whole.to(), "null"); // without a stream it is an error
      }
      return;
    }
    Span continuous = spelling.options.continuousUsage();
    if (continuous != null && usage && !spelling.usage) {
      // asked for by us, once: in every chunk it could not be taken out for the caller
      edits.replace(continuous.from(), continuous.to(), "false");
    }
    if (include != null) {
      edits.replace(include.from(), include.to(), String.valueOf(usage));
    } else if (usage) {
      askUsage(edits, whole);
    }
  }

  private void askUsage(Edits edits, Span options) {
    if (options == null) {
      String member = "\"stream_options\":{\"include_usage\":true},";
      edits.replace(spelling.object, spelling.object, member);
    } else if (!spelling.options.isObject()) {
      edits.replace(options.from(), options.to(), "{\"include_usage\":true}");
    } else {
      String comma = spelling.options.isEmpty() ? "" : ",";
      int inside = options.from() + 1;
      edits.replace(inside, inside, "\"include_usage\":true" + comma);
    }
  }
}
