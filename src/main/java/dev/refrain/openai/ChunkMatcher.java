package dev.refrain.openai;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Frame;
import dev.refrain.inference.Language;
import dev.refrain.json.Member;
import dev.refrain.json.Slice;
import dev.refrain.sse.EventLines.OneLine;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;

/**
 * Compares a repeated stream with the frames already delivered. As long as both are cut alike,
 * chunk answers chunk; from the first that is cut otherwise on, the text of each choice is
 * compared, and a chunk that begins within the delivered text and ends beyond it is cut.
 */
final class ChunkMatcher implements Language.ResumeMatcher {
  private static final String NULL = "null";

  private final AnswerShape shape;
  private final ChoiceDelta.Reader reader;
  private final Queue<List<ChoiceDelta>> delivered = new ArrayDeque<>();
  private boolean usageSeen;
  private boolean doubtful;

  // once cut otherwise: what of each choice is still to be said again, and which have ended
  private final Map<String, String> owed = new HashMap<>();
  private final Set<String> ended = new HashSet<>();

  ChunkMatcher(AnswerShape shape, ChoiceDelta.Reader reader, List<Frame> frames) {
    this.shape = shape;
    this.reader = reader;
    try {
      for (Frame frame : frames) {
        matched(frame);
      }
    } catch (IOException notJson) {
      doubtful = true;
    }
  }

  private void matched(Frame frame) throws IOException {
    if (frame.isComment()) {
      return;
    }
    List<ChoiceDelta> deltas = bare(read(frame));
    if (!deltas.isEmpty()) {
      delivered.add(deltas);
    } else {
      usageSeen |= ChoiceDelta.reportsUsage(frame);
    }
  }

  /** The deltas of a chunk; none if it holds no choices. */
  private List<ChoiceDelta.Placed> read(Frame frame) throws IOException {
    Member choices = Member.find(Slice.of(frame).members(), shape.array());
    List<ChoiceDelta.Placed> deltas = new ArrayList<>(1);
    if (choices != null && choices.value().isArray()) {
      for (Slice choice : choices.value().elements()) {
        List<Member> members = choice.members();
        Slice index = ChoiceDelta.value(members, "index");
        Slice finish = ChoiceDelta.value(members, "finish_reason");
        deltas.addAll(
            reader.read(
                index == null ? "" : index.text(),
                finish == null || finish.isHollowText() ? null : finish.text(),
                members));
      }
    }
    return deltas;
  }

  private static List<ChoiceDelta> bare(List<ChoiceDelta.Placed> pieces) {
    return pieces.stream().map(ChoiceDelta.Placed::delta).toList();
  }

  @Override
  public boolean caughtUp() {
    return delivered.isEmpty() && owed.values().stream().allMatch(String::isEmpty);
  }

  @Override
  public Optional<Frame> next(Frame frame) {
    if (doubtful) {
      throw contradiction();
    }
    if (frame.isComment()) {
      return caughtUp() ? Optional.of(frame) : Optional.empty();
    }
    try {
      List<ChoiceDelta.Placed> pieces = read(frame);
      return pieces.isEmpty() ? withoutChoices(frame) : compare(frame, pieces);
    } catch (IOException | IllegalArgumentException unreadable) {
      throw contradiction();
    }
  }

  private Optional<Frame> withoutChoices(Frame frame) throws IOException {
    boolean known = !caughtUp() || (usageSeen && ChoiceDelta.reportsUsage(frame));
    return known ? Optional.empty() : Optional.of(frame);
  }

  private Optional<Frame> compare(Frame frame, List<ChoiceDelta.Placed> pieces) {
    if (!delivered.isEmpty() && delivered.peek().equals(bare(pieces))) {
      delivered.remove();
      return Optional.empty();
    }
    while (!delivered.isEmpty()) {
      delivered.remove().forEach(this::owe);
    }
    return edit(frame, pieces);
  }

  private Optional<Frame> edit(Frame frame, List<ChoiceDelta.Placed> pieces) {
    boolean untouched = true;
    boolean saysMore = false;
    boolean faithful = true;
    Buffer edited = Buffer.buffer();
    int copied = frame.from();
    for (ChoiceDelta.Placed placed : pieces) {
      ChoiceDelta delta = placed.delta();
      boolean repeated = placed.once() && owed.containsKey(delta.index());
      if (!repeated && isNew(delta)) {
        saysMore = true;
        continue;
      }
      untouched = false;
      if (placed.once()) {
        copied = replace(edited, frame, copied, placed.text(), NULL);
        owed.put(delta.index(), "");
        continue;
      }
      String rest = rest(delta);
      saysMore |= !rest.isEmpty() || (delta.isLast() && !ended.contains(delta.index()));
      // which elements of its parallel lists belong to the rest cannot be known
      faithful &= !placed.hasLogprobs();
      copied = replaceText(edited, frame, copied, placed.text(), rest);
    }
    if (untouched || !saysMore) {
      return untouched ? Optional.of(frame) : Optional.empty();
    }
    if (!faithful) {
      throw contradiction();
    }
    edited.appendBytes(frame.data(), copied, frame.to() - copied);
    return Optional.of(Frame.of(OneLine.of(Slice.of(edited))));
  }

  private void owe(ChoiceDelta delta) {
    owed.merge(delta.index(), delta.text(), String::concat);
    if (delta.isLast()) {
      ended.add(delta.index());
    }
  }

  private boolean isNew(ChoiceDelta delta) {
    return owed.getOrDefault(delta.index(), "").isEmpty() && !ended.contains(delta.index());
  }

  /** The part of the piece beyond the text already delivered for its choice. */
  private String rest(ChoiceDelta delta) {
    String due = owed.getOrDefault(delta.index(), "");
    String text = delta.text();
    int common = Math.min(due.length(), text.length());
    String rest = text.substring(common);
    String left = due.substring(common);
    boolean beyondTheEnd = !rest.isEmpty() && ended.contains(delta.index());
    boolean endsEarly = delta.isLast() && !left.isEmpty();
    if (!due.regionMatches(0, text, 0, common) || beyondTheEnd || endsEarly) {
      throw contradiction();
    }
    owed.put(delta.index(), left);
    return rest;
  }

  private static int replaceText(Buffer out, Frame frame, int from, Slice text, String rest) {
    byte[] quoted = JsonStringEncoder.getInstance().quoteAsUTF8(rest);
    return text == null
        ? from
        : replace(out, frame, from, text, '"' + new String(quoted, StandardCharsets.UTF_8) + '"');
  }

  private static int replace(Buffer out, Frame frame, int from, Slice place, String with) {
    out.appendBytes(frame.data(), from, place.from() - from).appendString(with);
    return place.to();
  }

  private static Failure contradiction() {
    return Failure.of(
        Failure.Kind.UPSTREAM_BROKEN,
        "the stream was interrupted, and the repeated call does not begin with the same text");
  }
}
