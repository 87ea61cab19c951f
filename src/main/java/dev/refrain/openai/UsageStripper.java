package dev.refrain.openai;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.refrain.inference.Frame;
import dev.refrain.json.BytePattern;
import dev.refrain.json.Member;
import dev.refrain.json.Slice;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Removes the usage from a stream for a client that did not request it, and preserves all other
 * bytes. What goes is what was written because we asked: the chunk that says nothing else, and the
 * {@code null} in all others. Usage beside choices stays, for servers that write it there
 * (llama.cpp does) do so for everybody, and their callers may count on it.
 *
 * <p>Most servers write {@code "usage":null} as the last member of every chunk. That tail is
 * recognised without parsing: in valid JSON the comma makes the quote the beginning of a name, and
 * the brace that ends the payload is the outermost one.
 */
public final class UsageStripper {
  private static final byte[] TAIL = ",\"usage\":null}".getBytes(US_ASCII);
  private static final BytePattern NAME = new BytePattern("\"usage\"".getBytes(US_ASCII));

  private UsageStripper() {}

  /** The frame without usage: itself if it has none, empty if it has nothing else to say. */
  public static Optional<Frame> from(AnswerShape shape, Frame frame) {
    byte[] data = frame.data();
    int tail = frame.to() - TAIL.length;
    if (tail >= frame.from() && Arrays.equals(data, tail, frame.to(), TAIL, 0, TAIL.length)) {
      return Optional.of(MemberCut.without(frame, tail, frame.to() - 1));
    }
    if (!NAME.isIn(data, frame.from(), frame.to())) {
      return Optional.of(frame);
    }
    try {
      return cut(shape, frame);
    } catch (IOException notJson) {
      // not judged here: content that cannot be parsed is forwarded
      return Optional.of(frame);
    }
  }

  private static Optional<Frame> cut(AnswerShape shape, Frame frame) throws IOException {
    List<Member> members = Slice.of(frame).members();
    Member usage = Member.find(members, "usage");
    if (usage == null) {
      return Optional.of(frame);
    }
    if (!usage.value().isNull()) {
      boolean nothingElse = usage.value().isObject() && isWithoutElements(shape, members);
      return nothingElse ? Optional.empty() : Optional.of(frame);
    }
    // again, for a name may occur twice
    return from(shape, MemberCut.without(frame, members, usage));
  }

  private static boolean isWithoutElements(AnswerShape shape, List<Member> members) {
    Member array = Member.find(members, shape.array());
    return array == null || (array.value().isArray() && array.value().isHollow());
  }
}
