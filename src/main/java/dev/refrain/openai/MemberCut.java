package dev.refrain.openai;

import dev.refrain.inference.Frame;
import dev.refrain.json.Member;
import dev.refrain.json.Slice;
import dev.refrain.sse.EventLines.OneLine;
import java.util.Arrays;
import java.util.List;

/** Takes bytes out of an event's data, and leaves every other byte. Pure functions. */
final class MemberCut {
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
