package dev.refrain.openai;

import dev.refrain.inference.Entry;
import dev.refrain.inference.Frame;
import dev.refrain.inference.Framing;
import dev.refrain.inference.Part;
import dev.refrain.json.Slice;
import dev.refrain.sse.EventSplitter;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One answer, both framings. Pure functions; empty where something would have to be invented. */
public final class Rendering {
  private static final Buffer DONE = Buffer.buffer("data: [DONE]\n\n");

  private Rendering() {}

  /** The complete body in {@code framing}, with usage if a stream needs it. */
  public static Optional<Buffer> of(
      AnswerShape shape, Entry entry, Framing framing, boolean usage) {
    boolean asKept = entry.framing() == framing;
    if (framing == Framing.WHOLE) {
      return asKept
          ? Optional.of(entry.body())
          : frames(entry.body()).flatMap(frames -> Fold.of(shape, frames));
    }
    return asKept
        ? replay(shape, entry, usage)
        : Unfold.of(shape, entry.body(), usage).map(Rendering::stream);
  }

  /** The document that events make, whether they report usage or not. */
  public static Optional<Buffer> fold(AnswerShape shape, Buffer events) {
    return frames(events)
        .map(all -> all.stream().filter(frame -> !isOther(frame)).toList())
        .flatMap(all -> Fold.withOrWithoutUsage(shape, all));
  }

  private static boolean isOther(Frame frame) {
    return frame.isComment() || !Slice.of(frame).isObject();
  }

  /** A part's document as a complete stream, with usage if it has any. */
  public static Optional<Buffer> of(AnswerShape shape, Part.Answer answer) {
    int elements = answer.part().request().elements();
    Optional<List<Frame>> choices =
        Unfold.of(shape, answer.body(), false)
            .filter(frames -> frames.size() == shape.piecesEach() * elements);
    return choices
        .map(frames -> Unfold.of(shape, answer.body(), true).orElse(frames))
        .map(Rendering::stream);
  }

  private static Optional<Buffer> replay(AnswerShape shape, Entry entry, boolean usage) {
    if (!usage) {
      return frames(entry.body()).map(frames -> withoutUsage(shape, frames)).map(Rendering::stream);
    }
    return entry.tokens().known() ? Optional.of(terminated(entry.body())) : Optional.empty();
  }

  private static Buffer terminated(Buffer events) {
    return Buffer.buffer(events.length() + DONE.length()).appendBuffer(events).appendBuffer(DONE);
  }

  private static List<Frame> withoutUsage(AnswerShape shape, List<Frame> frames) {
    List<Frame> rest = new ArrayList<>(frames.size());
    for (Frame frame : frames) {
      Optional<Frame> left = UsageStripper.from(shape, frame);
      left.ifPresent(rest::add);
      if (left.isEmpty() && !rest.isEmpty()) {
        int last = rest.size() - 1;
        rest.set(last, UsageStripper.withMembersBeside(shape, rest.get(last), frame));
      }
    }
    return rest;
  }

  private static Buffer stream(List<Frame> frames) {
    int length = DONE.length();
    for (Frame frame : frames) {
      length += frame.length();
    }
    Buffer body = Buffer.buffer(length);
    for (Frame frame : frames) {
      frame.appendTo(body);
    }
    return body.appendBuffer(DONE);
  }

  /** The events of a kept stream; empty if it does not end with one. */
  static Optional<List<Frame>> frames(Buffer body) {
    EventSplitter splitter = new EventSplitter(body.length());
    splitter.feed(body);
    List<Frame> frames = new ArrayList<>();
    for (Frame frame = splitter.next(); frame != null; frame = splitter.next()) {
      frames.add(frame);
    }
    return splitter.isClean() ? Optional.of(frames) : Optional.empty();
  }
}
