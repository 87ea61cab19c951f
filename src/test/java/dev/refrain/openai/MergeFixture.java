package dev.refrain.openai;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.refrain.inference.Frame;
import dev.refrain.inference.Language.Merger;
import dev.refrain.inference.Part;
import dev.refrain.openai.completions.Completions;
import dev.refrain.sse.EventSplitter;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Parts of requests for tests, and what becomes of their answers. Quotes may be single. */
final class MergeFixture {
  private static final StreamingLanguage LANGUAGE = Completions.LANGUAGE;

  private MergeFixture() {}

  /** A part of {@code elements} choices. */
  static Part part(int elements, int group, int first, int copies) {
    return new Part(ReaderFixture.with("\"n\":" + elements), group, first, copies);
  }

  /** Merging of one choice each, all of inputs of their own. */
  static Part single(int first) {
    return part(1, first, first, 1);
  }

  static Part.Answer answer(Part part, String body) {
    return new Part.Answer(part, Buffer.buffer(q(body)));
  }

  static Optional<String> merged(Part.Answer... answers) {
    return LANGUAGE.merge(List.of(answers)).map(Buffer::toString);
  }

  static Merger merger(boolean usage) {
    return LANGUAGE.merger(usage, false);
  }

  /** The one frame of these bytes. */
  static Frame event(String event) {
    EventSplitter splitter = new EventSplitter(1 << 20);
    splitter.feed(Buffer.buffer(q(event)));
    return splitter.next();
  }

  static Frame data(String json) {
    return Frame.of(q(json).getBytes(UTF_8));
  }

  /** The frames that a frame becomes. */
  static List<Frame> frames(Merger merger, Part part, Frame frame) {
    List<Frame> frames = new ArrayList<>();
    merger.frames(part, frame).forEachRemaining(frames::add);
    return frames;
  }

  /** What the payloads of these frames say. */
  static List<String> said(Merger merger, Part part, String json) {
    return frames(merger, part, data(json)).stream().map(Frame::text).toList();
  }

  /** The wire bytes of the one frame that an event becomes. */
  static String wire(Merger merger, Part part, String event) {
    List<Frame> frames = frames(merger, part, event(event));
    if (frames.size() != 1) {
      throw new AssertionError(frames);
    }
    return new String(frames.get(0).event(), UTF_8);
  }

  static String q(String text) {
    return text.replace('\'', '"');
  }
}
