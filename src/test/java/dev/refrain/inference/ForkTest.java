package dev.refrain.inference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.inference.Sharing.Shareable;
import dev.refrain.testing.FakeNext;
import dev.refrain.testing.FakeRequest;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ForkTest {
  private final List<Shareable> keys = new ArrayList<>();
  private final Future<InferenceResponse> sharedAnswer =
      Future.succeededFuture(FakeRequest.document("end"));
  private final FakeNext direct = new FakeNext();
  private final Fork fork =
      new Fork(
          (request, key) -> {
            keys.add(key);
            return sharedAnswer;
          },
          direct);

  @Test
  void aShareableRequestEntersTheSharedLaneUnderItsOwnKey() {
    InferenceRequest request = FakeRequest.shareable(1, Framing.WHOLE);
    assertThat(fork.respond(request)).isSameAs(sharedAnswer);
    assertThat(keys).containsExactly((Shareable) request.sharing());
    assertThat(direct.calls()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void everyOtherRequestEntersTheDirectLaneUnchanged(Sharing.Reason reason) {
    InferenceRequest request = FakeRequest.alone(Framing.STREAM, reason);
    fork.respond(request);
    assertThat(direct.request()).isSameAs(request);
    assertThat(keys).isEmpty();
  }
}
