package dev.refrain.upstream;

import dev.refrain.completion.Completion;
import dev.refrain.completion.CompletionRequest;
import dev.refrain.completion.Escort;
import dev.refrain.completion.Observer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientAgent;

/**
 * The last stage: asks a server. One for each event loop, with a client of its own for each target,
 * for pools do not cross loops well; how many calls there are at once is the server's {@code
 * Limit}.
 */
public final class UpstreamCall implements Calls {
  private final Clients clients;
  private final Watch watch;
  private final AnswerLimits limits;
  private final Observer observer;
  private final Escort escort;
  private final Calls calls = new UsageQuestion(this::escorted);

  /** A stage for the event loop it is made on, with clients of that loop. */
  public UpstreamCall(
      Vertx vertx, Clients clients, AnswerLimits limits, Observer observer, Escort escort) {
    this.escort = escort;
    this.clients = clients;
    this.watch = new Watch(vertx);
    this.limits = limits;
    this.observer = observer;
  }

  /** The client of a server. */
  HttpClientAgent client(Target target) {
    return clients.of(target);
  }

  @Override
  public Future<Completion> call(CompletionRequest request, Attempt attempt) {
    return calls.call(request, attempt);
  }

  private Future<Completion> escorted(CompletionRequest request, Attempt attempt) {
    return escort.complete(request, attempt.target().url(), asked -> exchange(asked, attempt));
  }

  private Future<Completion> exchange(CompletionRequest request, Attempt attempt) {
    Exchange exchange = new Exchange(request, attempt, watch, limits, observer);
    return exchange.start(clients.of(attempt.target()));
  }
}
