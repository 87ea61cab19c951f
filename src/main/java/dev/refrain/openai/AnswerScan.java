package dev.refrain.openai;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.fasterxml.jackson.core.JsonParseException;
import dev.refrain.inference.Completeness;
import dev.refrain.inference.Tokens;
import dev.refrain.json.JsonCursor;
import dev.refrain.json.Slice;
import dev.refrain.json.Utf8;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;

/**
 * Reads answers, whole or in chunks (both have one shape), for what proves them: that they are
 * valid JSON to the last byte, that they contain no error, how their choices end, and what they
 * cost. Can read several documents in sequence; its results then cover all of them.
 *
 * <p>Every byte is parsed. A search for {@code "finish_reason"} would be cheaper and could be
 * fooled, and each document has to be validated anyway.
 */
public final class AnswerScan {
  private static final byte[] USAGE = "usage".getBytes(US_ASCII);
  private static final byte[] ERROR = "error".getBytes(US_ASCII);
  private static final byte[] OBJECT = "object".getBytes(US_ASCII);
  private static final byte[] INDEX = "index".getBytes(US_ASCII);
  private static final byte[] FINISH_REASON = "finish_reason".getBytes(US_ASCII);
  private static final byte[] PROMPT_TOKENS = "prompt_tokens".getBytes(US_ASCII);
  private static final byte[] COMPLETION_TOKENS = "completion_tokens".getBytes(US_ASCII);

  /** Stands for a reason that is not a string. */
  private static final String NO_TEXT = "?";

  private final AnswerShape shape;
  private final FinishReasons finishReasons;
  private Tokens tokens = Tokens.UNKNOWN;
  private boolean error;
  private boolean strange;

  AnswerScan(AnswerShape shape, FinishReasons finishReasons) {
    this.shape = shape;
    this.finishReasons = finishReasons;
  }

  /**
   * Reads {@code bytes[from, to)}.
   *
   * @throws IOException when it is not a valid JSON object in UTF-8
   */
  void read(byte[] bytes, int from, int to) throws IOException {
    if (Utf8.firstInvalid(bytes, from, to) >= 0) {
      throw new JsonParseException(null, "not UTF-8");
    }
    JsonCursor cursor = new JsonCursor(bytes, from, to);
    int choices = 0;
    if (cursor.enter('{', '}')) {
      do {
        cursor.name();
        choices += member(cursor) ? 1 : 0;
      } while (cursor.another('}'));
    }
    cursor.end();
    strange |= choices != 1;
  }

  /** Whether a document spoke of an error: {@code error} in any form, or SGLang's flat object. */
  boolean error() {
    return error;
  }

  /** Whether a document was no answer: one without exactly one array of choices. */
  boolean strange() {
    return strange;
  }

  /** The last usage seen. Some servers count up in every chunk. */
  Tokens tokens() {
    return tokens;
  }

  /** Reads a member; true if it is the choices. */
  private boolean member(JsonCursor cursor) throws IOException {
    byte first = cursor.peek();
    if (first == '[' && cursor.isNamed(shape.arrayName())) {
      choices(cursor);
      return true;
    }
    if (first == '{' && cursor.isNamed(USAGE)) {
      Tokens reported = usage(cursor);
      tokens = reported.known() ? reported : tokens;
      return false;
    }
    error |= first != 'n' && cursor.isNamed(ERROR);
    boolean kind = first == '"' && cursor.isNamed(OBJECT);
    cursor.value();
    error |= kind && cursor.isText(ERROR);
    return false;
  }

  private void choices(JsonCursor cursor) throws IOException {
    if (cursor.enter('[', ']')) {
      do {
        if (cursor.peek() == '{') {
          choice(cursor);
        } else {
          strange = true;
          cursor.value();
        }
      } while (cursor.another(']'));
    }
  }

  private void choice(JsonCursor cursor) throws IOException {
    int index = -1;
    String reason = null;
    int vectors = 0;
    if (cursor.enter('{', '}')) {
      do {
        cursor.name();
        if (cursor.isNamed(INDEX)) {
          index = (int) Math.min(cursor.count(), Integer.MAX_VALUE);
        } else if (cursor.isNamed(FINISH_REASON)) {
          reason = reason(cursor, reason);
        } else if (shape.vector() != null && cursor.isNamed(shape.vector())) {
          vectors += vector(cursor) ? 1 : 2;
        } else {
          cursor.value();
        }
      } while (cursor.another('}'));
    }
    strange |= shape.vector() != null && vectors != 1;
    finishReasons.see(index, reason);
  }

  /** Passes a value; true if it is numbers, or text that is not empty. */
  private static boolean vector(JsonCursor cursor) throws IOException {
    int from = cursor.at();
    if (cursor.peek() != '[') {
      boolean text = cursor.peek() == '"';
      cursor.value();
      return text && cursor.at() - from > "\"\"".length();
    }
    boolean numbers = cursor.enter('[', ']');
    boolean more = numbers;
    while (more) {
      byte first = cursor.peek();
      numbers &= first == '-' || first >= '0' && first <= '9';
      cursor.value();
      more = cursor.another(']');
    }
    return numbers;
  }

  private static String reason(JsonCursor cursor, String before) throws IOException {
    byte first = cursor.peek();
    cursor.value();
    if (first == 'n') {
      return before;
    }
    String reason = first == '"' ? cursor.text() : NO_TEXT;
    return reason.isEmpty() ? before : reason; // some servers write "" until the choice ends
  }

  /**
   * Reads a usage. Scoring ({@code max_tokens: 0}) and embeddings report no completion tokens; they
   * have none.
   */
  static Tokens usage(JsonCursor cursor) throws IOException {
    long prompt = -1;
    long completion = 0;
    if (cursor.enter('{', '}')) {
      do {
        cursor.name();
        if (cursor.isNamed(PROMPT_TOKENS)) {
          prompt = cursor.count();
        } else if (cursor.isNamed(COMPLETION_TOKENS)) {
          completion = Math.max(0, cursor.count());
        } else {
          cursor.value();
        }
      } while (cursor.another('}'));
    }
    return prompt >= 0 ? Tokens.of(prompt, completion) : Tokens.UNKNOWN;
  }

  /** Proof that a whole answer is what it should be. A pure function. */
  public static final class WholeProof {
    private WholeProof() {}

    /** The completeness of an answer that should have {@code elements} choices. */
    public static Completeness of(AnswerShape shape, Buffer body, int elements) {
      FinishReasons finishReasons = new FinishReasons(shape, elements);
      AnswerScan scan = new AnswerScan(shape, finishReasons);
      try {
        Slice document = Slice.of(body);
        scan.read(document.bytes(), document.from(), document.to());
      } catch (IOException notJson) {
        return Completeness.NONE;
      }
      boolean complete = !scan.error() && !scan.strange() && finishReasons.completeAtOnce();
      return new Completeness(complete, scan.error(), scan.tokens());
    }
  }
}
