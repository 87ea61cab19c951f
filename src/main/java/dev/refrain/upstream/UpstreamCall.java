package dev.refrain.upstream;

import dev.refrain.inference.CallInterceptor;
import dev.refrain.inference.Deadlines;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Observer;
import dev.refrain.inference.fields.FieldRoles;
import dev.refrain.memory.MemoryBudget;
import dev.refrain.upstream.RetryLoop.CallSender;
import io.vertx.core.Future;
import io.vertx.core.Vertx;

/**
 * The last stage: calls a server. One for each event loop, with a client of its own for each
 * target, because pools do not cross loops well; how many calls there are at once is the server's
 * {@code ConcurrencyLimit}.
 */
public final class UpstreamCall implements CallSender {
  /** Interval at which the timeouts of calls are checked. */
  public static final long TICK_MILLIS = 20;

  private final HttpClients clients;
  private final Deadlines deadlines;
  private final AnswerLimits limits;
  private final FieldRoles roles;
  private final Observer observer;
  private final CallInterceptor callInterceptor;
  private final CallSender callSender = new UsageFallback(this::escorted);

  /**
   * A stage for the event loop it is made on, with clients of that loop.
   *
   * @param roles which header fields say who asks; callers take turns
   */
  public UpstreamCall(
      Vertx vertx,
      HttpClients clients,
      AnswerLimits limits,
      FieldRoles roles,
      Observer observer,
      CallInterceptor callInterceptor) {
    this.callInterceptor = callInterceptor;
    this.clients = clients;
    this.deadlines = new Deadlines(vertx, TICK_MILLIS);
    this.limits = limits;
    this.roles = roles;
    this.observer = observer;
  }

  /** The client of a server. */
  Client client(Target target) {
    return clients.of(target);
  }

  @Override
  public Future<InferenceResponse> call(InferenceRequest request, Attempt attempt) {
    return callSender.call(request, attempt);
  }

  private Future<InferenceResponse> escorted(InferenceRequest request, Attempt attempt) {
    return callInterceptor.intercept(
        request, attempt.target().url(), asked -> exchange(asked, attempt));
  }

  private Future<InferenceResponse> exchange(InferenceRequest request, Attempt attempt) {
    Exchange exchange = new Exchange(request, attempt, deadlines, limits, roles, observer);
    return exchange.start(clients.of(attempt.target()));
  }

  /**
   * Limits of the response bytes in memory.
   *
   * @param whole most bytes of an answer that comes as one document
   * @param event most bytes of one event of a stream
   * @param memory of the process
   */
  public record AnswerLimits(int whole, int event, MemoryBudget memory) {

    /** The same with as much memory as there is. */
    AnswerLimits(int whole, int event) {
      this(whole, event, MemoryBudget.unlimited());
    }
  }
}
