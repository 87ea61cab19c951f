package dev.refrain.upstream;

import dev.refrain.inference.Framing;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Whole;
import io.vertx.core.Future;
import java.util.Set;

/**
 * Requests usage on a stream for Refrain's own accounting, and repeats the call without it if the
 * server rejects that. Who refuses it for that is asked again without, once, and for a while not
 * that way any more ({@link UsageRefusals}).
 */
final class UsageFallback implements CallSender {
  private static final Set<Integer> REFUSALS = Set.of(400, 422); // RFC 9110 §15.5.1, §15.5.21

  private final CallSender next;

  UsageFallback(CallSender next) {
    this.next = next;
  }

  @Override
  public Future<InferenceResponse> call(InferenceRequest request, Attempt attempt) {
    if (!isOurs(request)) {
      return next.call(request, attempt);
    }
    InferenceRequest without = request.with(Framing.STREAM, false);
    if (attempt.upstream().usageRefusals().isKnown(request.model())) {
      return next.call(without, attempt);
    }
    return next.call(request, attempt)
        .compose(
            answer -> isRefusal(answer) ? again(without, attempt) : Future.succeededFuture(answer));
  }

  private static boolean isOurs(InferenceRequest request) {
    return request.framing() == Framing.STREAM && request.usage() && !request.content().asksUsage();
  }

  private static boolean isRefusal(InferenceResponse answer) {
    if (!(answer instanceof Whole whole) || !REFUSALS.contains(whole.head().status())) {
      return false;
    }
    String says = whole.body().toString();
    return says.contains("stream_options") || says.contains("include_usage");
  }

  // What is refused either way was refused for something else, and only quoted our question.
  private Future<InferenceResponse> again(InferenceRequest without, Attempt attempt) {
    return next.call(without, attempt)
        .onSuccess(
            answer -> {
              if (answer.head().ok()) {
                attempt.upstream().usageRefusals().add(without.model());
              }
            });
  }
}
