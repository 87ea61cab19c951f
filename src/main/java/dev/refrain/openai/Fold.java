package dev.refrain.openai;

import dev.refrain.inference.Frame;
import dev.refrain.json.Member;
import dev.refrain.json.MemberMerge;
import dev.refrain.json.MergeRule;
import dev.refrain.json.ObjectMerge;
import dev.refrain.json.ObjectMerge.NotMergeable;
import dev.refrain.json.Slice;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Folds frames into the document that the server would have sent without streaming.
 *
 * <p>Shapes: in, the chunks of a complete answer; out, one object with the members of the first
 * chunk in their order, choices sorted by index, usage last. Values are copied as raw bytes.
 *
 * <p>Nothing is invented: without usage, or where chunks contradict each other in a member we do
 * not know, there is no body.
 */
final class Fold {
  private final AnswerShape shape;

  private Fold(AnswerShape shape) {
    this.shape = shape;
  }

  /** The body; empty when the frames do not determine one. */
  static Optional<Buffer> of(AnswerShape shape, List<Frame> frames) {
    try {
      return Optional.of(new Fold(shape).fold(frames, true));
    } catch (IOException notOne) {
      return Optional.empty();
    }
  }

  /** The same of frames that need not report usage. */
  static Optional<Buffer> withOrWithoutUsage(AnswerShape shape, List<Frame> frames) {
    Optional<Buffer> body = of(shape, frames);
    if (body.isPresent()) {
      return body;
    }
    try {
      return Optional.of(new Fold(shape).fold(frames, false));
    } catch (IOException notOne) {
      return Optional.empty();
    }
  }

  private Buffer fold(List<Frame> frames, boolean withUsage) throws IOException {
    ObjectMerge answer = new ObjectMerge(shape.document(), MergeRule.SAME);
    for (Frame frame : frames) {
      answer.add(Slice.of(frame).members());
    }
    // random padding of each chunk against traffic analysis; a body has none
    answer.drop("obfuscation");
    if (withUsage) {
      requireUsage(answer.get("usage"));
      answer.putLast("usage");
    } else {
      answer.drop("usage");
    }
    foldObject(answer.get("object"));
    foldElements(answer.get(shape.array()), frames.size());
    Buffer body = Buffer.buffer();
    answer.appendTo(body);
    return body.copy(); // it may be kept for long, and this one has room to spare
  }

  private static void requireUsage(MemberMerge usage) throws NotMergeable {
    List<Slice> reported =
        usage == null ? List.of() : usage.values().stream().filter(UsageSum::isReported).toList();
    if (reported.isEmpty()) {
      throw new NotMergeable("no usage");
    }
    usage.replace(reported.get(reported.size() - 1));
  }

  private void foldObject(MemberMerge object) {
    String document = null;
    for (Slice value : object == null ? List.<Slice>of() : object.values()) {
      document = document == null ? shape.documentOf(value) : document;
    }
    if (document != null) {
      object.replace(Slice.of(Buffer.buffer(document)));
    }
  }

  private void foldElements(MemberMerge choices, int frames) throws IOException {
    if (choices == null || choices.values().size() != frames) {
      throw new NotMergeable("a chunk without choices");
    }
    Buffer array = Buffer.buffer().appendByte((byte) '[');
    for (ObjectMerge choice : byIndex(choices.values()).values()) {
      if (array.length() > 1) {
        array.appendByte((byte) ',');
      }
      shape.close(choice);
      choice.appendTo(array);
    }
    choices.replace(Slice.of(array.appendByte((byte) ']')));
  }

  private Map<Integer, ObjectMerge> byIndex(List<Slice> chunks) throws IOException {
    Map<Integer, ObjectMerge> choices = new TreeMap<>();
    for (Slice chunk : chunks) {
      for (Slice piece : chunk.elements()) {
        List<Member> members = piece.members();
        choices
            .computeIfAbsent(
                index(members), index -> new ObjectMerge(shape.element(), MergeRule.SAME))
            .add(members);
      }
    }
    return choices;
  }

  private static int index(List<Member> choice) throws NotMergeable {
    Member index = Member.find(choice, "index");
    if (index == null) {
      throw new NotMergeable("a choice without an index");
    }
    try {
      return Integer.parseInt(index.value().text());
    } catch (NumberFormatException notOne) {
      throw new NotMergeable("an index that is none");
    }
  }
}
