package dev.refrain.openai;

import dev.refrain.inference.Entry;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.Frame;
import dev.refrain.inference.Framing;
import dev.refrain.inference.Head;
import dev.refrain.inference.Tokens;
import dev.refrain.json.Member;
import dev.refrain.json.ObjectMerge.NotMergeable;
import dev.refrain.json.Slice;
import dev.refrain.sse.EventLines.OneLine;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Cuts the answer to an undivided request into entries of its parts: streams in which each choice
 * is as it was written, but for its index, among the other members of its document. What was paid
 * for a part is not known, so no usage is in them.
 *
 * <p>A part that is not proven whole has no entry. No part has one if the answer has members
 * besides its choices that cannot be attributed to a part.
 */
final class PartEntries {
  // The members around the choices are repeated for each choice, so they must be short.
  private static final int LONGEST_SURROUNDING = 4096;

  /** Members that describe the whole answer, and hold for each of its choices. */
  private static final Set<String> COMMON =
      Set.of(
          "id",
          "object",
          "created",
          "model",
          "system_fingerprint",
          "service_tier",
          "metadata",
          "obfuscation",
          "usage");

  private final AnswerShape shape;
  private final SplitPlan plan;
  private final List<List<Frame>> frames;

  private PartEntries(AnswerShape shape, SplitPlan plan) {
    this.shape = shape;
    this.plan = plan;
    this.frames =
        Stream.generate(() -> (List<Frame>) new ArrayList<Frame>(1)).limit(plan.parts()).toList();
  }

  /** The entries, in the order of the parts. */
  static List<Entry> of(
      AnswerShape shape, Entry whole, SplitPlan plan, List<Fingerprint> fingerprints) {
    PartEntries parts = new PartEntries(shape, plan);
    try {
      parts.read(whole);
    } catch (IOException doubtful) {
      return List.of();
    }
    return IntStream.range(0, plan.parts())
        .filter(parts::isWhole)
        .mapToObj(part -> parts.entry(part, whole, fingerprints.get(part)))
        .toList();
  }

  private void read(Entry whole) throws IOException {
    if (whole.framing() == Framing.WHOLE) {
      document(Slice.of(whole.body()), true);
      return;
    }
    List<Frame> events =
        Rendering.frames(whole.body()).orElseThrow(() -> new NotMergeable("a stream cut short"));
    for (Frame event : events) {
      document(Slice.of(event), false);
    }
  }

  private void document(Slice document, boolean whole) throws IOException {
    List<Member> members = document.members();
    Member choices = Member.find(members, shape.array());
    if (choices == null || !Member.areDistinct(members)) {
      throw new NotMergeable("not one array of choices");
    }
    requireCommon(members);
    List<Slice> each = choices.value().elements();
    for (Slice choice : each) {
      for (Slice piece : whole ? shape.pieces(choice) : List.of(choice)) {
        choice(members, piece);
      }
    }
  }

  private void requireCommon(List<Member> members) throws NotMergeable {
    int surrounding = 0;
    for (Member member : members) {
      if (!isCommon(member) && !member.value().isNull()) {
        throw new NotMergeable("a member that may concern one choice or all");
      }
      if (isRepeated(member)) {
        surrounding += member.value().to() - member.key().from();
      }
    }
    if (surrounding > LONGEST_SURROUNDING) {
      throw new NotMergeable("too much to be said for each choice");
    }
  }

  private boolean isCommon(Member member) {
    return COMMON.contains(member.name()) || member.name().equals(shape.array());
  }

  private boolean isRepeated(Member member) {
    return !member.name().equals("usage") && !member.name().equals(shape.array());
  }

  private void choice(List<Member> document, Slice choice) throws IOException {
    Slice index = index(choice);
    int at = parsed(index);
    int part = plan.partOf(at);
    if (part >= 0) {
      frames.get(part).add(frame(document, choice, index, plan.choiceOf(at)));
    }
  }

  private static Slice index(Slice choice) throws IOException {
    List<Member> members = choice.members();
    Member index = Member.find(members, "index");
    if (index == null || !Member.areDistinct(members)) {
      throw new NotMergeable("a choice without one index");
    }
    return index.value();
  }

  private int parsed(Slice index) throws NotMergeable {
    try {
      int at = Integer.parseInt(index.text());
      if (at >= 0 && at < plan.prompts() * plan.n()) {
        return at;
      }
    } catch (NumberFormatException notOne) {
      // as strange as one out of bounds
    }
    throw new NotMergeable("an index that is none");
  }

  private Frame frame(List<Member> document, Slice choice, Slice index, int local) {
    Buffer out = Buffer.buffer();
    char before = '{';
    for (Member member : document) {
      if (member.name().equals("usage")) {
        continue;
      }
      out.appendByte((byte) before);
      before = ',';
      if (member.name().equals(shape.array())) {
        member.key().appendTo(out);
        out.appendString(":[")
            .appendBytes(choice.bytes(), choice.from(), index.from() - choice.from());
        out.appendString(String.valueOf(local));
        out.appendBytes(choice.bytes(), index.to(), choice.to() - index.to()).appendString("]");
      } else {
        Unfold.append(shape, member, out);
      }
    }
    return Frame.of(OneLine.of(Slice.of(out.appendString("}"))));
  }

  private boolean isWhole(int part) {
    StreamEvidence evidence = new StreamEvidence(shape, plan.choices());
    frames.get(part).forEach(evidence::add);
    return evidence.complete();
  }

  private Entry entry(int part, Entry whole, Fingerprint fingerprint) {
    Buffer body = Buffer.buffer(frames.get(part).stream().mapToInt(Frame::length).sum());
    frames.get(part).forEach(frame -> frame.appendTo(body));
    return new Entry(
        fingerprint,
        Framing.STREAM,
        whole.head().with(Head.EVENT_STREAM),
        body,
        Tokens.UNKNOWN,
        whole.storedAt(),
        whole.model(),
        whole.scope(),
        whole.ttl(),
        whole.namespace(),
        whole.endpoint());
  }
}
