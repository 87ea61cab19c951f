package dev.refrain.openai;

import dev.refrain.inference.Frame;
import dev.refrain.json.JsonCursor;
import dev.refrain.json.Member;
import dev.refrain.json.Slice;
import java.io.IOException;
import java.util.List;

/**
 * A text of a chunk, without what differs from call to call (ids, times, probabilities).
 *
 * @param index what the text belongs to: a choice, or a member of one
 * @param text decoded; empty if there is none
 * @param finish the reason as written with which the choice ends, or null
 */
public record ChoiceDelta(String index, String text, String finish) {

  /**
   * A delta and its position.
   *
   * @param text where the text stands, or null
   * @param once whether it is said once, and differently by each call: a name or an id
   */
  public record Placed(ChoiceDelta delta, Slice text, boolean hasLogprobs, boolean once) {}

  /** Reads the chunks of an endpoint. */
  @FunctionalInterface
  public interface Reader {
    /**
     * The deltas of a choice, in the order in which they stand.
     *
     * @param index of the choice, as written
     * @param finish the reason with which it ends, or null
     */
    List<Placed> read(String index, String finish, List<Member> choice) throws IOException;
  }

  /** Whether the choice is at its end. */
  boolean isLast() {
    return finish != null;
  }

  /** Whether a chunk reports usage. */
  static boolean reportsUsage(Frame frame) throws IOException {
    Member usage = Member.find(Slice.of(frame).members(), "usage");
    return usage != null && usage.value().isObject();
  }

  /** The value of a member; null if there is none, or it is null. */
  public static Slice value(List<Member> members, String name) {
    Member member = Member.find(members, name);
    return member == null || member.value().isNull() ? null : member.value();
  }

  /** The decoded text of a string. */
  public static String decoded(Slice text) throws IOException {
    JsonCursor cursor = new JsonCursor(text.bytes(), text.from(), text.to());
    cursor.value();
    return cursor.text();
  }
}
