package dev.refrain.flight.fleet;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.Frame;
import dev.refrain.inference.Head;
import io.vertx.core.buffer.Buffer;
import java.util.List;

/**
 * A message of a leader. A call is published as {@link Begin}, any number of {@link Batch} and one
 * {@link Ending}, or as {@link Whole}, which is complete in itself and may be preceded by {@link
 * Whitespace}. An ending may come at any time before.
 */
sealed interface FleetMessage {
  /** The head of a stream. */
  record Begin(Fingerprint fingerprint, Head head) implements FleetMessage {}

  /** Frames that came one after the other. */
  record Batch(List<Frame> frames) implements FleetMessage {}

  /** A whole answer, or an error of the upstream. Messages after it are ignored. */
  record Whole(Fingerprint fingerprint, Head head, Buffer body) implements FleetMessage {}

  /** White space by which the upstream keeps a plain call alive, under the head of the answer. */
  record Whitespace(Head head, Buffer body) implements FleetMessage {
    private static final int MOST = 256;

    /** Whether it is nothing else (RFC 8259 §2), and little, before an answer of success. */
    boolean isValid() {
      if (!head.ok() || body.length() == 0 || body.length() > MOST) {
        return false;
      }
      for (byte one : body.getBytes()) {
        if (one != ' ' && one != '\n' && one != '\r' && one != '\t') {
          return false;
        }
      }
      return true;
    }
  }

  /** The last message of a call. */
  sealed interface Ending extends FleetMessage {}

  /** The call ended, and all of it was published. */
  record Complete() implements Ending {}

  /** The call failed, for every follower. */
  record Failed(Failure failure) implements Ending {}

  /** The leader stopped for a reason other than the call. Another replica may make the call. */
  record Abandoned() implements Ending {}

  /** The answer cannot be shared; each follower makes its own call. */
  record Withdrawn() implements Ending {}
}
