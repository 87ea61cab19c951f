package dev.refrain.cache;

import dev.refrain.inference.CallContext;
import dev.refrain.inference.Cancellation;
import dev.refrain.inference.CostListener;
import dev.refrain.inference.Entry;
import dev.refrain.inference.Framing;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Observer.ChangedField;
import dev.refrain.inference.Observer.Verification;
import dev.refrain.inference.Provenance;
import dev.refrain.inference.Purge;
import dev.refrain.inference.RequestListener;
import dev.refrain.inference.SharedService;
import dev.refrain.inference.Sharing.Shareable;
import dev.refrain.inference.Streamed;
import dev.refrain.inference.Whole;
import dev.refrain.openai.AnswerComparison;
import dev.refrain.settings.Check;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Makes the call again for a share of the stored answers that are served, and compares the two
 * answers. The client has its answer already, and no key is charged for the call. The settings
 * bound the calls at once on each event loop, and each call takes a retry from the budget of the
 * upstream.
 *
 * <p>Threads: one for each event loop. Documents are compared on a worker thread.
 *
 * <p>Source: docs/internals/decisions/0090.
 */
public final class Verifier implements SharedService {
  private final Vertx vertx;
  private final VerifySettings settings;
  private final Predicate<String> mayAsk;
  private final SharedService upstream;
  private final Consumer<Purge> purge;
  private final Observer observer;
  private final SharedService next;
  private int running;

  /**
   * Which answers are verified, and what follows.
   *
   * @param share of the served answers; 0 is none
   * @param concurrency the most calls at once on each event loop
   * @param replace whether the new answer takes the place of the stored one
   * @param purgeOnChange whether a changed {@code model} or {@code system_fingerprint} makes the
   *     model's stored answers unusable
   */
  public record VerifySettings(
      double share, int concurrency, boolean replace, boolean purgeOnChange) {
    /** Checks the ranges. */
    public VerifySettings {
      Check.range("share", share, 0, 1);
      Check.range("concurrency", concurrency, 1, 1024);
    }
  }

  /**
   * A stage above every stage that looks up stored answers.
   *
   * @param mayAsk takes a retry of the budget for a model; false if there is none
   * @param upstream makes the call without a lookup, and stores the answer if the settings say so
   */
  public Verifier(
      Vertx vertx,
      VerifySettings settings,
      Predicate<String> mayAsk,
      SharedService upstream,
      Consumer<Purge> purge,
      Observer observer,
      SharedService next) {
    this.vertx = vertx;
    this.settings = settings;
    this.mayAsk = mayAsk;
    this.upstream = upstream;
    this.purge = purge;
    this.observer = observer;
    this.next = next;
  }

  @Override
  public Future<InferenceResponse> respond(InferenceRequest request, Shareable key) {
    Future<InferenceResponse> answer = next.respond(request, key);
    if (answer.isComplete()) {
      served(request, key, answer.result());
    } else {
      answer.onSuccess(response -> served(request, key, response));
    }
    return answer;
  }

  private void served(InferenceRequest request, Shareable key, InferenceResponse response) {
    if (response instanceof Whole hit
        && hit.provenance().hit()
        && !hit.provenance().instead()
        && hit.entry().succeeded()
        && !request.directives().onlyIfCached()
        && ThreadLocalRandom.current().nextDouble() < settings.share()) {
      verify(request, key, hit.entry().result());
    }
  }

  private void verify(InferenceRequest request, Shareable key, Entry stored) {
    if (running >= settings.concurrency() || !mayAsk.test(request.model())) {
      observer.verified(request, Verification.SKIPPED);
      return;
    }
    running++;
    Cancellation own = new Cancellation();
    CallContext call =
        new CallContext(request.id(), request.headers(), RequestListener.NONE, CostListener.NONE);
    InferenceRequest again =
        request.with(call).with(Framing.WHOLE, false).with(request.directives().anew()).with(own);
    upstream
        .respond(again, key)
        .compose(answer -> entry(answer, own))
        .compose(fresh -> compare(again, stored, fresh))
        .onSuccess(found -> found(request, found))
        .onFailure(cause -> observer.verified(request, Verification.FAILED))
        .onComplete(done -> running--);
  }

  private static Future<Entry> entry(InferenceResponse answer, Cancellation own) {
    if (answer instanceof Streamed) {
      own.cancel(); // nobody reads it
    }
    return answer.entry();
  }

  private Future<AnswerComparison> compare(InferenceRequest request, Entry stored, Entry fresh) {
    Optional<Buffer> before = document(request, stored);
    Optional<Buffer> now = document(request, fresh);
    if (before.isEmpty() || now.isEmpty()) {
      return Future.failedFuture("not comparable");
    }
    return vertx.executeBlocking(() -> AnswerComparison.of(before.get(), now.get()), false);
  }

  private static Optional<Buffer> document(InferenceRequest request, Entry entry) {
    return entry.answer(request, Provenance.UPSTREAM).map(answer -> ((Whole) answer).body());
  }

  private void found(InferenceRequest request, AnswerComparison found) {
    observer.verified(request, found.same() ? Verification.SAME : Verification.DIFFERENT);
    if (!found.sameModel()) {
      observer.answersChanged(ChangedField.MODEL);
    }
    if (!found.sameFingerprint()) {
      observer.answersChanged(ChangedField.SYSTEM_FINGERPRINT);
    }
    if (settings.purgeOnChange() && !(found.sameModel() && found.sameFingerprint())) {
      Purge.of(Purge.By.MODEL, request.model()).ifPresent(purge);
    }
  }
}
