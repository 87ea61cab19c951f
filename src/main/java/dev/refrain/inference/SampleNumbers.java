package dev.refrain.inference;

import dev.refrain.inference.Sharing.Unnumbered;
import io.vertx.core.Future;
import java.util.Optional;

/** Numbers requests that are samples of each other. Used on one event loop. */
public interface SampleNumbers {
  /** Numbers no request. */
  SampleNumbers NONE =
      new SampleNumbers() {
        @Override
        public Future<Optional<Sample>> next(Unnumbered asked) {
          return Future.succeededFuture(Optional.empty());
        }

        @Override
        public void giveBack(Unnumbered asked, Sample unused) {
          // it is lost
        }
      };

  /** The next number; empty if there is no room to count. Never fails. */
  Future<Optional<Sample>> next(Unnumbered asked);

  /** Takes back the number of a request that got no answer, for the next equal one. */
  void giveBack(Unnumbered asked, Sample unused);
}
