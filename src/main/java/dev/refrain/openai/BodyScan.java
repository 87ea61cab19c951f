package dev.refrain.openai;

import com.fasterxml.jackson.core.JsonToken;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Framing;
import dev.refrain.json.BytePattern;
import dev.refrain.json.Canonical;
import dev.refrain.json.Canonical.CanonicalMember;
import dev.refrain.json.Edits;
import dev.refrain.json.JsonTokens;
import dev.refrain.json.Slice.Span;
import dev.refrain.openai.Field.KeyRole;
import dev.refrain.openai.Scalar.NotUnderstood;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One pass over a request body: checks every field, remembers what the stages need to know, and
 * writes the canonical form of what belongs in the fingerprint. One for each request.
 */
final class BodyScan {
  // Names are matched against patterns, sent and shown; no path to a model is longer.
  private static final int LONGEST_MODEL = 1024;
  private static final int MOST_MEMBERS = 256;
  private static final BytePattern AUDIO =
      new BytePattern("\"audio\"".getBytes(StandardCharsets.US_ASCII));

  private final Map<String, Field> table;
  private final Canonical canonical;
  private final int most;
  private final List<CanonicalMember> members = new ArrayList<>();
  private final Set<String> seen = new HashSet<>();
  private final Edits edits = new Edits();
  private final SplitPoints points = new SplitPoints();

  private String model;
  private boolean stream;
  private BigDecimal temperature;
  private boolean stateful;
  private boolean understood = true;

  private int object;
  private Span streamSpan;
  private final StreamOptions options = new StreamOptions();

  private String current;

  /**
   * A scan.
   *
   * @param most choices that may be requested
   */
  BodyScan(Map<String, Field> table, Canonical canonical, int most) {
    this.table = table;
    this.canonical = canonical;
    this.most = most;
  }

  /** Reads the whole body, or fails with {@link Failure.Kind#INVALID} naming the field. */
  void scan(byte[] body) {
    canonical.begin(body);
    JsonTokens in = new JsonTokens(body);
    try {
      scan(in);
    } catch (JsonTokens.TooLarge e) {
      throw Failure.invalid(named(), e.getMessage());
    } catch (IOException notJson) {
      throw Failure.invalid(named(), "not valid JSON at byte " + in.at());
    }
    check();
  }

  private void scan(JsonTokens in) throws IOException {
    if (in.nextToken() != JsonToken.START_OBJECT) {
      throw Failure.invalid(null, "the body must be a JSON object");
    }
    object = in.to();
    while (in.nextToken() != JsonToken.END_OBJECT) {
      current = in.currentName();
      if (!seen.add(current)) {
        throw twice();
      }
      if (seen.size() > MOST_MEMBERS) {
        throw Failure.invalid(null, "more than " + MOST_MEMBERS + " members");
      }
      in.nextToken();
      field(in, Field.of(table, current));
      current = null;
    }
    if (in.nextToken() != null) {
      throw Failure.invalid(null, "bytes after the end of the JSON object");
    }
  }

  private Failure twice() {
    return Failure.invalid(named(), named() == null ? "a field is given twice" : "given twice");
  }

  // An unknown field is part of the fingerprint and may have any value.
  private String named() {
    return current != null && table.containsKey(current) ? current : null;
  }

  private void field(JsonTokens in, Field field) throws IOException {
    int from = canonical.length();
    canonical.member(current);
    boolean off = in.currentToken() == JsonToken.VALUE_FALSE;
    boolean present;
    try {
      present = value(in, field);
    } catch (NotUnderstood e) {
      understood = false;
      in.leaveMember();
      return;
    }
    if (present && field.role().inFingerprint()) {
      keep(new CanonicalMember(current, from, canonical.length()));
    }
    stateful |= present && !off && field.role() == KeyRole.STATEFUL;
  }

  private void keep(CanonicalMember member) {
    if (!points.takes(member)) {
      members.add(member);
    }
  }

  /** Reads one value; false if it means "absent". */
  private boolean value(JsonTokens in, Field field) throws IOException {
    Scalar scalar = new Scalar(in, field, edits);
    switch (field.type()) {
      case FLAG -> {
        return flag(in, scalar.flag());
      }
      case STREAM_OPTIONS -> {
        options.read(in, edits, canonical);
        return false;
      }
      default -> {
        return scalar.isNull() ? absent(field) : present(in, field, scalar);
      }
    }
  }

  // Null is the same as nothing but where some server may read it as a value of its own.
  private boolean absent(Field field) {
    if (!field.nullCounts(table.containsKey(current))) {
      return false;
    }
    canonical.ascii("null");
    return true;
  }

  private boolean present(JsonTokens in, Field field, Scalar scalar) throws IOException {
    switch (field.type()) {
      case TEXT -> text(in, scalar);
      case INTEGER, NUMBER -> {
        return number(in, scalar.number());
      }
      case INPUTS -> points.prompts(field.name(), Prompts.read(in, field, canonical, most));
      case OPEN_INPUTS -> points.prompts(field.name(), openInputs(in, field));
      case STOP -> {
        return StopReader.read(in, field, canonical);
      }
      case MESSAGES -> messages(in);
      case MODALITIES -> {
        int from = canonical.length();
        canonical.value(in);
        stateful |= AUDIO.isIn(canonical.bytes(), from, canonical.length());
      }
      case BIAS -> LogitBias.read(in, field, canonical);
      default -> extension(in);
    }
    return true;
  }

  private void text(JsonTokens in, Scalar scalar) throws IOException {
    if (in.currentToken() != JsonToken.VALUE_STRING) {
      throw current.equals("model") ? new NotUnderstood() : scalar.wrong("a string");
    }
    if (current.equals("model")) {
      model = in.getText();
    }
    canonical.value(in);
  }

  private void messages(JsonTokens in) throws IOException {
    if (in.currentToken() != JsonToken.START_ARRAY) {
      throw new NotUnderstood();
    }
    int from = canonical.length();
    canonical.value(in);
    if (canonical.length() - from == "[]".length()) {
      throw new NotUnderstood();
    }
  }

  private PromptSpans openInputs(JsonTokens in, Field field) throws IOException {
    int unknown = UnknownInputs.count(in.value());
    if (unknown == 0) {
      return Prompts.read(in, field, canonical, most);
    }
    canonical.value(in);
    return PromptSpans.undivided(unknown);
  }

  private void extension(JsonTokens in) throws IOException {
    JsonToken first = in.currentToken();
    canonical.value(in);
    points.extension(current, first, in);
  }

  private boolean number(JsonTokens in, Scalar.Number number) {
    if (number == null) {
      return absent(Field.of(table, current));
    }
    BigDecimal value = number.value();
    switch (current) {
      case "n", "best_of", "seed" -> points.number(current, value.longValueExact(), in);
      case "temperature" -> temperature = value;
      default -> {}
    }
    canonical.number(number.literal());
    return true;
  }

  private boolean flag(JsonTokens in, Boolean flag) {
    if (current.equals("stream")) {
      streamSpan = in.span();
      stream = Boolean.TRUE.equals(flag);
    }
    if (flag == null) {
      return false;
    }
    canonical.ascii(flag.toString());
    return true;
  }

  private void check() {
    if (model == null || model.isEmpty()) {
      model = "";
      understood = false; // a server of a single model needs no name
    }
    if (model.length() > LONGEST_MODEL) {
      throw Failure.invalid("model", "longer than " + LONGEST_MODEL + " characters");
    }
    points.check(stream, most);
    if (options.isObject() && !stream) {
      throw Failure.invalid("stream_options", "only allowed when stream is true");
    }
    if (options.isObject()) {
      members.addAll(options.inFingerprint());
    }
  }

  String model() {
    return model;
  }

  Framing framing() {
    return stream ? Framing.STREAM : Framing.WHOLE;
  }

  boolean usage() {
    return stream && options.usage();
  }

  /** Choices of the whole answer. */
  int elements() {
    return (int) points.choices(); // checked before
  }

  SplitPoints points() {
    return points;
  }

  /** As given, or null. */
  BigDecimal temperature() {
    return temperature;
  }

  boolean deterministic() {
    return temperature != null && temperature.signum() == 0;
  }

  /** Whether every field has a value of a known form. */
  boolean understood() {
    return understood;
  }

  boolean stateful() {
    return stateful;
  }

  /** Members of the fingerprint, sorted, except those that {@link SplitPoints#takes}. */
  List<CanonicalMember> members() {
    members.sort(CanonicalMember.BY_NAME);
    return members;
  }

  Edits edits() {
    return edits;
  }

  RequestBody.Spelling spelling() {
    return new RequestBody.Spelling(framing(), usage(), object, streamSpan, options);
  }
}
