package dev.refrain.openai;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.refrain.inference.Frame;
import dev.refrain.json.BytePattern;
import dev.refrain.json.Edits;
import dev.refrain.json.Member;
import dev.refrain.json.Slice;
import dev.refrain.sse.EventLines;
import dev.refrain.sse.EventLines.OneLine;
import io.vertx.core.buffer.Buffer;
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
    // again, because a name may occur twice
    return from(shape, MemberCut.without(frame, members, usage));
  }

  /**
   * The last frame with the members that stand beside the usage in the next, if that says nothing
   * else: servers that write a {@code system_fingerprint} there write it into the last chunk of a
   * choice for those who did not request usage (vLLM).
   */
  public static Frame withMembersBeside(AnswerShape shape, Frame last, Frame next) {
    if (last.isComment() || !NAME.isIn(next.data(), next.from(), next.to())) {
      return last;
    }
    try {
      List<Member> members = Slice.of(next).members();
      Member usage = Member.find(members, "usage");
      boolean onlyUsage =
          usage != null && usage.value().isObject() && isWithoutElements(shape, members);
      return onlyUsage ? with(last, beside(shape, members)) : last;
    } catch (IOException notJson) {
      return last;
    }
  }

  private static List<Member> beside(AnswerShape shape, List<Member> members) {
    return members.stream()
        .filter(one -> !one.name().equals("usage") && !one.name().equals(shape.array()))
        .filter(one -> !one.value().isNull())
        .toList();
  }

  private static Frame with(Frame last, List<Member> others) throws IOException {
    List<Member> own = Slice.of(last).members();
    Buffer tail = Buffer.buffer();
    for (Member other : others) {
      if (Member.find(own, other.name()) == null) {
        tail.appendString(own.isEmpty() && tail.length() == 0 ? "" : ",");
        other.appendTo(tail);
      }
    }
    int brace = last.to() - 1;
    while (last.data()[brace] != '}') {
      brace--; // white space
    }
    Edits edits = new Edits();
    edits.replace(brace, brace, tail.getBytes());
    return EventLines.edited(last, edits);
  }

  private static boolean isWithoutElements(AnswerShape shape, List<Member> members) {
    Member array = Member.find(members, shape.array());
    return array == null || (array.value().isArray() && array.value().isHollow());
  }

  /** Takes bytes out of an event's data, and leaves every other byte. Pure functions. */
  static final class MemberCut {
    private MemberCut() {}

    /** The frame without one of its members, and without one of the commas around it. */
    static Frame without(Frame frame, List<Member> members, Member member) {
      int at = members.indexOf(member);
      boolean first = at == 0;
      boolean only = members.size() == 1;
      int from = first ? member.key().from() : members.get(at - 1).value().to();
      int to = first && !only ? members.get(1).key().from() : member.value().to();
      return without(frame, from, to);
    }

    /** The frame without {@code data[from, to)}. */
    static Frame without(Frame frame, int from, int to) {
      byte[] data = splice(frame.data(), from, to);
      int end = frame.to() - (to - from);
      if (frame.data() == frame.event()) {
        return new Frame(data, data, frame.from(), end);
      }
      // the data was spread over lines that cannot be separated any more
      return Frame.of(OneLine.of(new Slice(data, frame.from(), end)));
    }

    private static byte[] splice(byte[] bytes, int from, int to) {
      byte[] rest = Arrays.copyOf(bytes, bytes.length - (to - from));
      System.arraycopy(bytes, to, rest, from, bytes.length - to);
      return rest;
    }
  }
}
