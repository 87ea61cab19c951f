package dev.refrain.cassette;

import dev.refrain.inference.Tokens;
import dev.refrain.json.JsonCursor;
import dev.refrain.json.Member;
import dev.refrain.json.Slice;
import java.io.IOException;
import java.util.List;

/** What a recorded answer says it cost: its {@code usage}, or that of its last event. */
public final class Usage {
  private Usage() {}

  /** The tokens of an answer; unknown if it names none. */
  public static Tokens of(RecordedAnswer answer) {
    List<byte[]> pieces = answer.pieces();
    for (int i = pieces.size() - 1; i >= 0; i--) {
      Tokens tokens = of(pieces.get(i), answer.stream());
      if (tokens.known()) {
        return tokens;
      }
    }
    return Tokens.UNKNOWN;
  }

  private static Tokens of(byte[] piece, boolean event) {
    int from = event ? brace(piece) : 0;
    if (from == piece.length || piece[from] != '{' && event) {
      return Tokens.UNKNOWN;
    }
    try {
      return of(new Slice(piece, from, piece.length));
    } catch (IOException noDocument) {
      return Tokens.UNKNOWN;
    }
  }

  private static int brace(byte[] event) {
    int at = 0;
    while (at < event.length && event[at] != '{') {
      at++;
    }
    return at;
  }

  private static Tokens of(Slice document) throws IOException {
    if (document.bytes()[document.from()] != '{' && !startsLate(document)) {
      return Tokens.UNKNOWN;
    }
    List<Member> members = document.members();
    Member usage = Member.find(members, "usage");
    Member response = Member.find(members, "response"); // events of /v1/responses
    if (usage == null && response != null && response.value().isObject()) {
      usage = Member.find(response.value().members(), "usage");
    }
    return usage == null || !usage.value().isObject()
        ? Tokens.UNKNOWN
        : counted(usage.value().members());
  }

  private static boolean startsLate(Slice document) {
    return Character.isWhitespace(document.bytes()[document.from()]);
  }

  private static Tokens counted(List<Member> usage) throws IOException {
    long prompt = count(usage, "prompt_tokens", "input_tokens");
    long completion = count(usage, "completion_tokens", "output_tokens");
    return prompt < 0 && completion < 0
        ? Tokens.UNKNOWN
        : Tokens.of(Math.max(0, prompt), Math.max(0, completion));
  }

  private static long count(List<Member> usage, String name, String other) throws IOException {
    Member member = Member.find(usage, name);
    Slice value = member != null ? member.value() : null;
    if (value == null) {
      Member second = Member.find(usage, other);
      value = second == null ? null : second.value();
    }
    return value == null ? -1 : new JsonCursor(value.bytes(), value.from(), value.to()).count();
  }
}
