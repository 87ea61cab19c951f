package dev.refrain.flight.fleet;

import dev.refrain.completion.Failure;
import dev.refrain.completion.Fingerprint;
import dev.refrain.completion.Frame;
import dev.refrain.completion.Head;
import io.vertx.core.buffer.Buffer;
import java.util.List;

/**
 * What a leader tells, one after the other: {@link Begin}, any number of {@link Batch}, and one
 * {@link Ending}; or {@link Whole}, which is its own end. An ending may come at any time before.
 */
sealed interface Item {
  /** The head of a stream. */
  record Begin(Fingerprint fingerprint, Head head) implements Item {}

  /** Frames that came one after the other. */
  record Batch(List<Frame> frames) implements Item {}

  /** A whole answer, or an error of the upstream. Whatever comes after it is not heard. */
  record Whole(Fingerprint fingerprint, Head head, Buffer body) implements Item {}

  /** Nothing more will be told. */
  sealed interface Ending extends Item {}

  /** All was told. */
  record Complete() implements Ending {}

  /** The call failed; so it does for everybody. */
  record Failed(Failure failure) implements Ending {}

  /** The leader has stopped, and not because of the call: somebody else may make it. */
  record Abandoned() implements Ending {}

  /** The answer is not one to be shared: everybody for himself. */
  record Withdrawn() implements Ending {}
}
