package dev.refrain.openai.chat;

import dev.refrain.json.Member;
import dev.refrain.json.Slice;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.List;

/**
 * Takes a choice with a whole message apart into the two that a stream has of it: the message as a
 * delta, in which each tool call has its index, and the finish with an empty delta.
 */
final class MessageChunks {
  static final int PIECES = 2;

  private static final String MESSAGE = "message";
  private static final String FINISH_REASON = "finish_reason";
  private static final String NULL_FINISH = ":null";
  private static final String EMPTY_DELTA = "\"delta\":{},";

  private MessageChunks() {}

  /** The two choices; fails where the choice has no message, no index or no finish reason. */
  static List<Slice> of(Slice choice) throws IOException {
    List<Member> members = choice.members();
    Member message = Member.find(members, MESSAGE);
    Member index = Member.find(members, "index");
    Member finish = Member.find(members, FINISH_REASON);
    if (!Member.areDistinct(members) || message == null || index == null || finish == null) {
      throw new IOException("not a choice with a message");
    }
    Buffer last = Buffer.buffer("{");
    index.appendTo(last);
    last.appendString("," + EMPTY_DELTA);
    finish.appendTo(last);
    return List.of(first(members), Slice.of(last.appendString("}")));
  }

  private static Slice first(List<Member> members) throws IOException {
    Buffer out = Buffer.buffer();
    char before = '{';
    for (Member member : members) {
      out.appendByte((byte) before);
      before = ',';
      switch (member.name()) {
        case MESSAGE -> delta(member.value(), out.appendString("\"delta\":"));
        case FINISH_REASON -> {
          member.key().appendTo(out);
          out.appendString(NULL_FINISH);
        }
        default -> member.appendTo(out);
      }
    }
    return Slice.of(out.appendString("}"));
  }

  private static void delta(Slice message, Buffer out) throws IOException {
    List<Member> members = message.members();
    if (!Member.areDistinct(members)) {
      throw new IOException("a name occurs twice");
    }
    char before = '{';
    for (Member member : members) {
      out.appendByte((byte) before);
      before = ',';
      boolean calls = member.name().equals("tool_calls") && member.value().isArray();
      member.key().appendTo(out);
      out.appendByte((byte) ':');
      if (calls) {
        calls(member.value(), out);
      } else {
        member.value().appendTo(out);
      }
    }
    out.appendString(members.isEmpty() ? "{}" : "}");
  }

  private static void calls(Slice calls, Buffer out) throws IOException {
    List<Slice> each = calls.elements();
    out.appendByte((byte) '[');
    for (int i = 0; i < each.size(); i++) {
      List<Member> members = each.get(i).members();
      if (i > 0) {
        out.appendByte((byte) ',');
      }
      out.appendString("{\"index\":" + i);
      for (Member member : members) {
        if (!member.name().equals("index")) {
          out.appendByte((byte) ',');
          member.appendTo(out);
        }
      }
      out.appendByte((byte) '}');
    }
    out.appendByte((byte) ']');
  }
}
