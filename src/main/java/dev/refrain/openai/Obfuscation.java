package dev.refrain.openai;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.refrain.inference.Frame;
import dev.refrain.json.BytePattern;
import dev.refrain.json.Member;
import dev.refrain.json.Slice;
import dev.refrain.openai.UsageStripper.MemberCut;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * The random padding by which a server hides the length of each chunk from those who watch the
 * connection. It belongs to one call's stream and not to the answer, so it is not stored. Pure
 * functions.
 *
 * <p>Source: the OpenAI API reference, {@code stream_options.include_obfuscation}.
 */
public final class Obfuscation {
  private static final String NAME = "obfuscation";
  private static final BytePattern PATTERN = new BytePattern("\"obfuscation\"".getBytes(US_ASCII));

  private Obfuscation() {}

  /** The events of a complete stream without their padding; the same bytes if there is none. */
  public static Buffer removed(Buffer events) {
    byte[] bytes = events.getBytes();
    if (!PATTERN.isIn(bytes, 0, bytes.length)) {
      return events;
    }
    Optional<List<Frame>> frames = Rendering.frames(events);
    if (frames.isEmpty()) {
      return events;
    }
    Buffer rest = Buffer.buffer(events.length());
    frames.get().forEach(frame -> removed(frame).appendTo(rest));
    return rest.copy(); // it may be stored for long, and this one has room to spare
  }

  private static Frame removed(Frame frame) {
    try {
      List<Member> members = Slice.of(frame).members();
      Member padding = Member.find(members, NAME);
      return padding == null ? frame : MemberCut.without(frame, members, padding);
    } catch (IOException notJson) {
      return frame;
    }
  }
}
