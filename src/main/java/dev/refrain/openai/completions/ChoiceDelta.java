package dev.refrain.openai.completions;

import dev.refrain.inference.Frame;
import dev.refrain.json.JsonCursor;
import dev.refrain.json.Member;
import dev.refrain.json.Slice;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The content of a chunk for one choice, without what differs from call to call (ids, times,
 * probabilities).
 *
 * @param index as written
 * @param text decoded; empty if there is none
 * @param finish the reason as written, or null
 */
record ChoiceDelta(String index, String text, String finish) {

  /** A delta and its position. */
  record Placed(ChoiceDelta delta, Slice text, boolean hasLogprobs) {}

  /** Whether the choice is at its end. */
  boolean isLast() {
    return finish != null;
  }

  /**
   * The pieces of a chunk; none if it holds no choices.
   *
   * @throws IOException when it is not a chunk
   */
  static List<Placed> of(Frame frame) throws IOException {
    Member choices = Member.find(Slice.of(frame).members(), "choices");
    List<Placed> pieces = new ArrayList<>(1);
    if (choices != null && choices.value().isArray()) {
      for (Slice choice : choices.value().elements()) {
        pieces.add(piece(choice.members()));
      }
    }
    return pieces;
  }

  /** Whether a chunk reports usage. */
  static boolean reportsUsage(Frame frame) throws IOException {
    Member usage = Member.find(Slice.of(frame).members(), "usage");
    return usage != null && usage.value().isObject();
  }

  private static Placed piece(List<Member> choice) throws IOException {
    Slice index = value(choice, "index");
    Slice text = value(choice, "text");
    Slice finish = value(choice, "finish_reason");
    ChoiceDelta delta =
        new ChoiceDelta(
            index == null ? "" : index.text(),
            text == null ? "" : decoded(text),
            finish == null || finish.isHollowText() ? null : finish.text());
    return new Placed(delta, text, value(choice, "logprobs") != null);
  }

  private static Slice value(List<Member> choice, String name) {
    Member member = Member.find(choice, name);
    return member == null || member.value().isNull() ? null : member.value();
  }

  private static String decoded(Slice text) throws IOException {
    JsonCursor cursor = new JsonCursor(text.bytes(), text.from(), text.to());
    cursor.value();
    return cursor.text();
  }
}
