package dev.refrain.openai;

import dev.refrain.inference.Frame;
import dev.refrain.json.Member;
import dev.refrain.json.Slice;
import dev.refrain.sse.EventLines.OneLine;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A body into frames: the stream of a server in a great hurry.
 *
 * <p>Shapes: in, a complete answer; out, the pieces of each choice, one a chunk, among the other
 * members of the answer; with usage one more, without choices. {@link Fold} undoes it.
 */
final class Unfold {
  private static final String NO_CHOICES = "[]";

  private final AnswerShape shape;
  private final List<Member> members;

  private Unfold(AnswerShape shape, List<Member> members) {
    this.shape = shape;
    this.members = members;
  }

  /** The frames; empty when the body is no answer, or has no usage to report. */
  static Optional<List<Frame>> of(AnswerShape shape, Buffer body, boolean usage) {
    try {
      return new Unfold(shape, Slice.of(body).members()).frames(usage);
    } catch (IOException notJson) {
      return Optional.empty();
    }
  }

  private Optional<List<Frame>> frames(boolean withUsage) throws IOException {
    Member choices = Member.find(members, shape.array());
    Member usage = Member.find(members, "usage");
    if (choices == null
        || !Member.areDistinct(members)
        || (withUsage && (usage == null || !UsageSum.isReported(usage.value())))) {
      return Optional.empty();
    }
    List<Frame> frames = new ArrayList<>();
    for (Slice choice : choices.value().elements()) {
      for (Slice piece : shape.pieces(choice)) {
        frames.add(chunk(piece, null));
      }
    }
    if (withUsage) {
      frames.add(chunk(null, usage));
    }
    return Optional.of(frames);
  }

  /** A chunk with one choice or none, and usage or none. */
  private Frame chunk(Slice choice, Member usage) {
    Buffer out = Buffer.buffer();
    char before = '{';
    for (Member member : members) {
      if (member.name().equals("usage")) {
        continue;
      }
      out.appendByte((byte) before);
      before = ',';
      if (member.name().equals(shape.array())) {
        appendChoices(out, member, choice);
      } else {
        append(shape, member, out);
      }
    }
    if (usage != null) {
      out.appendByte((byte) before);
      usage.appendTo(out);
    }
    return Frame.of(OneLine.of(Slice.of(out.appendByte((byte) '}'))));
  }

  /** Appends a member of a document as a chunk has it. */
  static void append(AnswerShape shape, Member member, Buffer out) {
    String chunk = member.name().equals("object") ? shape.chunkOf(member.value()) : null;
    if (chunk == null) {
      member.appendTo(out);
    } else {
      member.key().appendTo(out);
      out.appendByte((byte) ':').appendString(chunk);
    }
  }

  private static void appendChoices(Buffer out, Member choices, Slice choice) {
    choices.key().appendTo(out);
    out.appendByte((byte) ':');
    if (choice == null) {
      out.appendString(NO_CHOICES);
      return;
    }
    out.appendByte((byte) '[');
    choice.appendTo(out);
    out.appendByte((byte) ']');
  }
}
