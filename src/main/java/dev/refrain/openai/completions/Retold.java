package dev.refrain.openai.completions;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.refrain.completion.Failure;
import dev.refrain.completion.Frame;
import dev.refrain.completion.Language;
import dev.refrain.json.Slice;
import dev.refrain.sse.OneLine;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;

/**
 * A stream made anew against what was told. As long as both are cut alike, chunk answers chunk;
 * from the first that is cut otherwise on, the text of each choice is compared, and a chunk that
 * begins within what was told and ends beyond is cut.
 */
final class Retold implements Language.Retelling {
  private final Queue<List<Piece>> told = new ArrayDeque<>();
  private boolean usageTold;
  private boolean doubtful;

  // once cut otherwise: what of each choice is still to be said again, and which have ended
  private final Map<String, String> owed = new HashMap<>();
  private final Set<String> ended = new HashSet<>();

  Retold(List<Frame> frames) {
    try {
      for (Frame frame : frames) {
        tell(frame);
      }
    } catch (IOException notJson) {
      doubtful = true;
    }
  }

  private void tell(Frame frame) throws IOException {
    if (frame.isComment()) {
      return;
    }
    List<Piece> pieces = bare(Piece.of(frame));
    if (!pieces.isEmpty()) {
      told.add(pieces);
    } else {
      usageTold |= Piece.reportsUsage(frame);
    }
  }

  private static List<Piece> bare(List<Piece.Placed> pieces) {
    return pieces.stream().map(Piece.Placed::piece).toList();
  }

  @Override
  public boolean caughtUp() {
    return told.isEmpty() && owed.values().stream().allMatch(String::isEmpty);
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
      List<Piece.Placed> pieces = Piece.of(frame);
      return pieces.isEmpty() ? withoutChoices(frame) : compare(frame, pieces);
    } catch (IOException | IllegalArgumentException unreadable) {
      throw contradiction();
    }
  }

  private Optional<Frame> withoutChoices(Frame frame) throws IOException {
    boolean known = !caughtUp() || (usageTold && Piece.reportsUsage(frame));
    return known ? Optional.empty() : Optional.of(frame);
  }

  private Optional<Frame> compare(Frame frame, List<Piece.Placed> pieces) {
    if (!told.isEmpty() && told.peek().equals(bare(pieces))) {
      told.remove();
      return Optional.empty();
    }
    while (!told.isEmpty()) {
      told.remove().forEach(this::owe);
    }
    return edit(frame, pieces);
  }

  private Optional<Frame> edit(Frame frame, List<Piece.Placed> pieces) {
    boolean untouched = true;
    boolean saysMore = false;
    boolean faithful = true;
    Buffer edited = Buffer.buffer();
    int copied = frame.from();
    for (Piece.Placed placed : pieces) {
      Piece piece = placed.piece();
      if (isNew(piece)) {
        saysMore = true;
        continue;
      }
      untouched = false;
      String rest = rest(piece);
      saysMore |= !rest.isEmpty() || (piece.isLast() && !ended.contains(piece.index()));
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

  private void owe(Piece piece) {
    owed.merge(piece.index(), piece.text(), String::concat);
    if (piece.isLast()) {
      ended.add(piece.index());
    }
  }

  private boolean isNew(Piece piece) {
    return owed.getOrDefault(piece.index(), "").isEmpty() && !ended.contains(piece.index());
  }

  /** What the piece says beyond what is owed of its choice, which it pays. */
  private String rest(Piece piece) {
    String due = owed.getOrDefault(piece.index(), "");
    String text = piece.text();
    int common = Math.min(due.length(), text.length());
    String rest = text.substring(common);
    String left = due.substring(common);
    boolean beyondTheEnd = !rest.isEmpty() && ended.contains(piece.index());
    boolean endsEarly = piece.isLast() && !left.isEmpty();
    if (!due.regionMatches(0, text, 0, common) || beyondTheEnd || endsEarly) {
      throw contradiction();
    }
    owed.put(piece.index(), left);
    return rest;
  }

  private static int replaceText(Buffer out, Frame frame, int from, Slice text, String rest) {
    if (text == null) {
      return from;
    }
    out.appendBytes(frame.data(), from, text.from() - from).appendByte((byte) '"');
    out.appendBytes(JsonStringEncoder.getInstance().quoteAsUTF8(rest)).appendByte((byte) '"');
    return text.to();
  }

  private static Failure contradiction() {
    return Failure.of(
        Failure.Kind.UPSTREAM_BROKEN,
        "the stream broke off, and the answer made anew does not begin as it did");
  }
}
