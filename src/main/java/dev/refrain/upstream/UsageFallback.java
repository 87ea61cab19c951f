package dev.refrain.upstream;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.refrain.inference.Framing;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Whole;
import dev.refrain.upstream.RetryLoop.CallSender;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Requests usage on a stream for Refrain's own accounting, and repeats the call without it if the
 * server rejects that. The call is then repeated without it, once, and for a while the server is
 * not that way any more ({@link UsageRefusals}).
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

  // A request rejected both ways was rejected for another reason; the error only quoted our field.
  private Future<InferenceResponse> again(InferenceRequest without, Attempt attempt) {
    return next.call(without, attempt)
        .onSuccess(
            answer -> {
              if (answer.head().ok()) {
                attempt.upstream().usageRefusals().add(without.model());
              }
            });
  }

  /**
   * Models of a server that rejects {@code include_usage}. Remembered for an hour, because servers
   * are replaced by newer ones. Any thread.
   */
  static final class UsageRefusals {
    private static final Duration REMEMBERED = Duration.ofHours(1);
    private static final int MOST = 256;

    private final Cache<String, Boolean> models;

    /** None yet, by a clock like {@link System#nanoTime}. */
    UsageRefusals(LongSupplier nanoTime) {
      this.models =
          Caffeine.newBuilder()
              .maximumSize(MOST)
              .expireAfterWrite(REMEMBERED)
              .ticker(nanoTime::getAsLong)
              .executor(Runnable::run)
              .build();
    }

    void add(String model) {
      models.put(model, true);
    }

    boolean isKnown(String model) {
      return models.getIfPresent(model) != null;
    }
  }
}
