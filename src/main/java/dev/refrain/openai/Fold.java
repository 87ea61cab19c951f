package dev.refrain.openai;

import dev.refrain.completion.Frame;
import dev.refrain.json.Ambiguity;
import dev.refrain.json.Gathered;
import dev.refrain.json.Gathering;
import dev.refrain.json.Member;
import dev.refrain.json.Rule;
import dev.refrain.json.Slice;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Frames into a body: the document the server would have sent, had it not been asked to stream.
 *
 * <p>Shapes: in, the chunks of a complete answer; out, one object with the members of the first
 * chunk in their order, choices sorted by index, usage last. Values are copied as raw bytes.
 *
 * <p>Nothing is invented: without usage, or where chunks contradict each other in a member we do
 * not know, there is no body.
 */
final class Fold {
  private static final Map<String, Rule> ANSWER =
      Map.of(
          "id", Rule.FIRST,
          "object", Rule.FIRST,
          "created", Rule.FIRST,
          "model", Rule.FIRST,
          "system_fingerprint", Rule.FIRST,
          "usage", Rule.LAST);

  private static final Map<String, Rule> CHOICE =
      Map.of(
          "text", Rule.TEXT,
          "logprobs", Rule.GROW,
          "finish_reason", Rule.LAST,
          "stop_reason", Rule.LAST,
          "token_ids", Rule.GROW,
          "prompt_token_ids", Rule.FIRST,
          "prompt_logprobs", Rule.FIRST);

  private Fold() {}

  /** The body; empty when the frames do not determine one. */
  static Optional<Buffer> of(List<Frame> frames) {
    try {
      return Optional.of(fold(frames));
    } catch (IOException notOne) {
      return Optional.empty();
    }
  }

  private static Buffer fold(List<Frame> frames) throws IOException {
    Gathering answer = new Gathering(ANSWER, Rule.SAME);
    for (Frame frame : frames) {
      answer.add(Slice.of(frame).members());
    }
    // random padding of each chunk against traffic analysis; a body has none
    answer.drop("obfuscation");
    requireUsage(answer.get("usage"));
    answer.putLast("usage");
    foldChoices(answer.get("choices"), frames.size());
    Buffer body = Buffer.buffer();
    answer.appendTo(body);
    return body.copy(); // it may be kept for long, and this one has room to spare
  }

  private static void requireUsage(Gathered usage) throws Ambiguity {
    List<Slice> reported =
        usage == null ? List.of() : usage.values().stream().filter(UsageSum::isReported).toList();
    if (reported.isEmpty()) {
      throw new Ambiguity("no usage");
    }
    usage.replace(reported.get(reported.size() - 1));
  }

  private static void foldChoices(Gathered choices, int frames) throws IOException {
    if (choices == null || choices.values().size() != frames) {
      throw new Ambiguity("a chunk without choices");
    }
    Buffer array = Buffer.buffer().appendByte((byte) '[');
    for (Gathering choice : byIndex(choices.values()).values()) {
      if (array.length() > 1) {
        array.appendByte((byte) ',');
      }
      choice.appendTo(array);
    }
    choices.replace(Slice.of(array.appendByte((byte) ']')));
  }

  private static Map<Integer, Gathering> byIndex(List<Slice> chunks) throws IOException {
    Map<Integer, Gathering> choices = new TreeMap<>();
    for (Slice chunk : chunks) {
      for (Slice piece : chunk.elements()) {
        List<Member> members = piece.members();
        choices
            .computeIfAbsent(index(members), index -> new Gathering(CHOICE, Rule.SAME))
            .add(members);
      }
    }
    return choices;
  }

  private static int index(List<Member> choice) throws Ambiguity {
    Member index = Member.find(choice, "index");
    if (index == null) {
      throw new Ambiguity("a choice without an index");
    }
    try {
      return Integer.parseInt(index.value().text());
    } catch (NumberFormatException notOne) {
      throw new Ambiguity("an index that is none");
    }
  }
}
