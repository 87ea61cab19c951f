package dev.refrain.openai;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.fasterxml.jackson.core.JsonParseException;
import dev.refrain.completion.Tokens;
import dev.refrain.json.Utf8;
import dev.refrain.json.Walk;
import java.io.IOException;

/**
 * Reads answers, whole or in chunks (both have one shape), for what proves them: that they are
 * valid JSON to the last byte, that they speak of no error, how their choices end, and what they
 * cost. May read many documents one after the other and then speaks of all of them.
 *
 * <p>Every byte is parsed. A search for {@code "finish_reason"} would be cheaper and could be
 * fooled, and each document has to be validated anyway.
 */
final class AnswerScan {
  private static final byte[] CHOICES = "choices".getBytes(US_ASCII);
  private static final byte[] USAGE = "usage".getBytes(US_ASCII);
  private static final byte[] ERROR = "error".getBytes(US_ASCII);
  private static final byte[] OBJECT = "object".getBytes(US_ASCII);
  private static final byte[] INDEX = "index".getBytes(US_ASCII);
  private static final byte[] FINISH_REASON = "finish_reason".getBytes(US_ASCII);
  private static final byte[] PROMPT_TOKENS = "prompt_tokens".getBytes(US_ASCII);
  private static final byte[] COMPLETION_TOKENS = "completion_tokens".getBytes(US_ASCII);

  /** Stands for a reason that is not a string. */
  private static final String NO_TEXT = "?";

  private final Ends ends;
  private Tokens tokens = Tokens.UNKNOWN;
  private boolean error;
  private boolean strange;

  AnswerScan(Ends ends) {
    this.ends = ends;
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
    Walk walk = new Walk(bytes, from, to);
    int choices = 0;
    if (walk.enter('{', '}')) {
      do {
        walk.name();
        choices += member(walk) ? 1 : 0;
      } while (walk.another('}'));
    }
    walk.end();
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
  private boolean member(Walk walk) throws IOException {
    byte first = walk.peek();
    if (first == '[' && walk.isNamed(CHOICES)) {
      choices(walk);
      return true;
    }
    if (first == '{' && walk.isNamed(USAGE)) {
      usage(walk);
      return false;
    }
    error |= first != 'n' && walk.isNamed(ERROR);
    boolean kind = first == '"' && walk.isNamed(OBJECT);
    walk.value();
    error |= kind && walk.isText(ERROR);
    return false;
  }

  private void choices(Walk walk) throws IOException {
    if (walk.enter('[', ']')) {
      do {
        if (walk.peek() == '{') {
          choice(walk);
        } else {
          strange = true;
          walk.value();
        }
      } while (walk.another(']'));
    }
  }

  private void choice(Walk walk) throws IOException {
    int index = -1;
    String reason = null;
    if (walk.enter('{', '}')) {
      do {
        walk.name();
        if (walk.isNamed(INDEX)) {
          index = (int) Math.min(walk.count(), Integer.MAX_VALUE);
        } else if (walk.isNamed(FINISH_REASON)) {
          reason = reason(walk, reason);
        } else {
          walk.value();
        }
      } while (walk.another('}'));
    }
    ends.see(index, reason);
  }

  private static String reason(Walk walk, String before) throws IOException {
    byte first = walk.peek();
    walk.value();
    if (first == 'n') {
      return before;
    }
    String reason = first == '"' ? walk.text() : NO_TEXT;
    return reason.isEmpty() ? before : reason; // some servers write "" until the choice ends
  }

  /** Scoring ({@code max_tokens: 0}) reports no completion tokens; it has none. */
  private void usage(Walk walk) throws IOException {
    long prompt = -1;
    long completion = 0;
    if (walk.enter('{', '}')) {
      do {
        walk.name();
        if (walk.isNamed(PROMPT_TOKENS)) {
          prompt = walk.count();
        } else if (walk.isNamed(COMPLETION_TOKENS)) {
          completion = Math.max(0, walk.count());
        } else {
          walk.value();
        }
      } while (walk.another('}'));
    }
    if (prompt >= 0) {
      tokens = Tokens.of(prompt, completion);
    }
  }
}
