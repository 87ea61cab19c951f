package dev.refrain.http;

import dev.refrain.inference.CallContext;
import dev.refrain.inference.CostListener;
import dev.refrain.inference.Endpoint;
import dev.refrain.inference.Failure;
import dev.refrain.inference.FinishedRequest;
import dev.refrain.inference.Framing;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.RequestListener;
import dev.refrain.inference.Sharing;
import dev.refrain.inference.Source;
import dev.refrain.inference.Tokens;
import dev.refrain.inference.UpstreamTime;
import dev.refrain.inference.Whole;
import dev.refrain.keys.Key;
import dev.refrain.memory.Reservation;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/**
 * One request at the edge: its id, when it came, and where its answer goes. Follows the request
 * through the stages for the log, its key, and the caller who waits.
 */
final class RequestContext implements RequestListener, FinishedRequest {
  private static final CharSequence REQUEST_ID = HttpHeaders.createOptimized("x-request-id");
  private static final CharSequence TRACE = HttpHeaders.createOptimized("traceparent");
  private static final int LONGEST_ID = 128;

  private final HttpServerRequest request;
  private final AccessListener line;
  private final Key key;
  private Endpoint endpoint;
  private final String id;
  private final long begin = System.nanoTime();
  private long arrived = begin;
  private Reservation body;
  private WhitespaceRelay relay;
  private InferenceRequest asked;
  private InferenceResponse answer;
  private Failure failure;
  private int status;

  /** A request that needs no key. */
  RequestContext(HttpServerRequest request, AccessListener line) {
    this(request, line, null);
  }

  /**
   * A caller.
   *
   * @param key by which it was let in, or null if it needs none or has none
   */
  RequestContext(HttpServerRequest request, AccessListener line, Key key) {
    this.request = request;
    this.line = line;
    this.key = key;
    String given = idOf(request);
    this.id = given != null ? given : unique();
    line.named(id);
    if (!request.response().headWritten()) {
      request.response().putHeader(REQUEST_ID, id);
    }
  }

  // A UUID of version 4 (RFC 9562 §5.4) from a cheap generator: it must be unique, not unguessable,
  // for nothing is let in by it.
  private static String unique() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    long version = random.nextLong() & ~0xF000L | 0x4000L;
    long variant = random.nextLong() >>> 2 | Long.MIN_VALUE;
    return new UUID(version, variant).toString();
  }

  /** The id that the caller gave, or null if there is none that can be used. */
  static String idOf(HttpServerRequest request) {
    String given = request.getHeader(REQUEST_ID);
    return given != null && isUsable(given) ? given : null;
  }

  // It is written to logs and sent upstream: an id with other characters is replaced by a
  // generated one.
  private static boolean isUsable(String id) {
    if (id.isEmpty() || id.length() > LONGEST_ID) {
      return false;
    }
    return id.chars().allMatch(c -> c > ' ' && c < 0x7F);
  }

  /** Remembers the endpoint that the request is for. */
  void endpoint(Endpoint known) {
    endpoint = known;
  }

  @Override
  public Endpoint endpoint() {
    return endpoint;
  }

  String id() {
    return id;
  }

  /** The context of its calls. */
  CallContext call() {
    return new CallContext(id, request.headers(), this, key == null ? CostListener.NONE : key);
  }

  /** Its line in the access log. */
  AccessListener line() {
    return line;
  }

  /** By which it was let in, or null. */
  Key key() {
    return key;
  }

  @Override
  public void step(Step step, String whom) {
    line.step(step, whom);
  }

  @Override
  public void whitespace(Whole beginning) {
    if (relay != null) {
      relay.write(beginning);
    }
  }

  /** White space arrived before its answer; it keeps the connection alive. */
  void relay(WhitespaceRelay whitespace) {
    relay = whitespace;
  }

  /** Its answer has arrived. */
  void answered() {
    if (relay != null) {
      relay.end();
    }
  }

  /** Whether the head and white space went out before the answer was known. */
  boolean isKeptAlive() {
    return relay != null && relay.begun();
  }

  /** Whether nothing of the request is still to come that could be taken for another. */
  boolean hasSentAll() {
    return request.isEnded()
        || isStream() // each is distinct
        || !request.headers().contains(HttpHeaders.CONTENT_LENGTH)
            && !request.headers().contains(HttpHeaders.TRANSFER_ENCODING);
  }

  /** Whether the request is a stream of HTTP/2, one of many on its connection. */
  boolean isStream() {
    return request.version() == HttpVersion.HTTP_2;
  }

  /** Whether the body of the answer is sent, too (RFC 9110 §9.3.2). */
  boolean wantsBody() {
    return request.method() != HttpMethod.HEAD;
  }

  /** Whether the caller can make something of fields behind the body (RFC 9110 §6.5.1, §10.1.4). */
  boolean takesTrailers() {
    return request.headers().contains("te", "trailers", true)
        && request.version() != HttpVersion.HTTP_1_0;
  }

  /** Whether only the end of the connection marks the end of the response (RFC 9112 §6.3). */
  boolean endsWithConnection() {
    return request.version() == HttpVersion.HTTP_1_0
        && !response().headers().contains(HttpHeaders.CONTENT_LENGTH);
  }

  HttpServerRequest request() {
    return request;
  }

  HttpServerResponse response() {
    return request.response();
  }

  /** Holds memory for its body until the request is over. */
  Reservation hold(Reservation reserved) {
    body = reserved;
    return reserved;
  }

  /** The request is answered, or its caller has left: gives back the memory of its body. */
  void release() {
    if (body != null) {
      body.release();
    }
  }

  /** The request has arrived completely. */
  void arrived() {
    arrived = System.nanoTime();
  }

  /** Nanoseconds since then, but for those in which the upstream was waited for. */
  long own(UpstreamTime waited) {
    long now = System.nanoTime();
    return now - arrived - waited.within(arrived, now);
  }

  /** Which trace the request belongs to (W3C Trace Context), as the caller says; or null. */
  @Override
  public String trace() {
    return request.headers().get(TRACE);
  }

  /** Nanoseconds since the request's head was read. */
  @Override
  public long nanos() {
    return System.nanoTime() - begin;
  }

  /** It is what is asked for. */
  void asked(InferenceRequest request) {
    asked = request;
  }

  /** Its answer has come to its end, with this status; it may have failed after its head. */
  FinishedRequest ended(InferenceRequest request, InferenceResponse response, int endStatus) {
    asked = request;
    answer = response;
    status = endStatus;
    return this;
  }

  /** It has no answer. */
  FinishedRequest refused(Failure refusal) {
    failure = refusal;
    status = refusal.kind().status();
    return this;
  }

  @Override
  public int status() {
    return status;
  }

  @Override
  public Framing framing() {
    return asked == null ? Framing.WHOLE : asked.framing();
  }

  @Override
  public Source source() {
    return answer == null ? null : answer.provenance().source();
  }

  @Override
  public String rule() {
    return asked == null ? "" : asked.directives().policy().rule();
  }

  @Override
  public String model() {
    return asked == null ? null : asked.model();
  }

  @Override
  public String keyName() {
    return key == null ? null : key.name();
  }

  @Override
  public Tokens tokens() {
    return answer == null ? Tokens.UNKNOWN : answer.tokens();
  }

  @Override
  public String reason() {
    if (failure != null) {
      return failure.kind().code();
    }
    return asked.sharing() instanceof Sharing.Unshareable unshareable
        ? unshareable.reason().label()
        : CacheStatus.outcome(asked, answer.provenance());
  }
}
