package dev.refrain.openai;

import com.fasterxml.jackson.core.JsonToken;
import dev.refrain.inference.Failure;
import dev.refrain.json.Canonical;
import dev.refrain.json.Canonical.CanonicalMember;
import dev.refrain.json.Edits;
import dev.refrain.json.JsonTokens;
import dev.refrain.json.Slice.Span;
import dev.refrain.openai.Field.KeyRole;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The {@code stream_options} of a request, with their positions. */
final class StreamOptions {
  private static final Field INCLUDE_USAGE =
      new Field("stream_options", FieldType.FLAG, KeyRole.FRAMING, null, null);

  /** How the name begins of a member of the fingerprint that is said here. */
  static final String PREFIX = "stream_options.";

  /** How such a member begins. */
  static final String NAMED = "\"stream_options\":";

  private static final String CONTINUOUS_USAGE = "continuous_usage_stats";

  private List<CanonicalMember> others = List.of(); // as in nearly every request
  private Span span;
  private Span continuousUsage;
  private boolean continuous;
  private Span includeUsage;
  private boolean object;
  private boolean usage;
  private boolean empty = true;

  void read(JsonTokens in, Edits edits, Canonical canonical) throws IOException {
    int from = in.from();
    object = in.currentToken() == JsonToken.START_OBJECT;
    if (object) {
      members(in, edits, canonical);
    } else if (!new Scalar(in, INCLUDE_USAGE, edits).isNull()) {
      throw Failure.invalid("stream_options", "must be an object");
    }
    span = new Span(from, in.to());
  }

  private void members(JsonTokens in, Edits edits, Canonical canonical) throws IOException {
    while (in.nextToken() != JsonToken.END_OBJECT) {
      empty = false;
      String name = in.currentName();
      in.nextToken();
      if (name.equals("include_usage")) {
        if (includeUsage != null) {
          throw Failure.invalid("stream_options", "include_usage is given twice");
        }
        usage = Boolean.TRUE.equals(new Scalar(in, INCLUDE_USAGE, edits).flag());
        includeUsage = in.span();
      } else {
        other(in, name, canonical);
      }
    }
  }

  private void other(JsonTokens in, String name, Canonical canonical) throws IOException {
    boolean isUsage = name.equals(CONTINUOUS_USAGE);
    boolean isOff = in.currentToken() == JsonToken.VALUE_FALSE;
    boolean isOn = in.currentToken() == JsonToken.VALUE_TRUE;
    boolean isAbsent = in.currentToken() == JsonToken.VALUE_NULL;
    int from = canonical.length();
    // No field of a body is written like this, so the two cannot be taken for each other.
    canonical.member("stream_options");
    canonical.member(name);
    canonical.value(in);
    if (isUsage && in.currentToken().isScalarValue()) {
      continuousUsage = in.span();
      continuous = isOn;
    }
    boolean isDefault = isUsage ? isOff : isOn && name.equals("include_obfuscation");
    if (!isAbsent && !isDefault) {
      others = others.isEmpty() ? new ArrayList<>(1) : others;
      others.add(new CanonicalMember(PREFIX + name, from, canonical.length()));
    }
  }

  /**
   * What is said beside {@code include_usage} and changes what is in the stream: part of the
   * fingerprint, so that no client gets a stream with other options. Usage in every chunk is only
   * for those who ask for usage, as vLLM has it.
   */
  List<CanonicalMember> inFingerprint() {
    if (others.isEmpty()) {
      return others;
    }
    return others.stream()
        .filter(one -> usage || !one.name().equals(PREFIX + CONTINUOUS_USAGE))
        .toList();
  }

  /** The value of {@code continuous_usage_stats}, or null if it is absent. */
  Span continuousUsage() {
    return continuousUsage;
  }

  /** Whether usage is wanted in every chunk, by those who want usage. */
  boolean isContinuous() {
    return continuous;
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

  /** Whether usage is requested. */
  boolean usage() {
    return usage;
  }
}
