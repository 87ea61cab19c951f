package dev.refrain.http;

import dev.refrain.inference.CachePolicy;
import dev.refrain.inference.Directives;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Provenance;
import dev.refrain.inference.Sample;
import dev.refrain.inference.Sharing;
import dev.refrain.inference.Source;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;

/** Writes the {@code Cache-Status} header of a response (RFC 9211). */
final class CacheStatus {
  static final CharSequence HEADER = HttpHeaders.createOptimized("cache-status");

  private CacheStatus() {}

  /** Adds a member behind those of the caches nearer to the origin (RFC 9211 §2). */
  static void add(HttpServerResponse response, String member) {
    if (response.headers().contains(HEADER)) {
      List<String> nearer = response.headers().getAll(HEADER);
      response.putHeader(HEADER, String.join(", ", nearer) + ", " + member);
    } else {
      response.putHeader(HEADER, member);
    }
  }

  static String of(InferenceRequest request, InferenceResponse answer, long now) {
    CachePolicy policy = request.directives().policy();
    String rule = policy.rule();
    String status = status(request, answer, now);
    if (policy.sample() != null && request.sharing() instanceof Sharing.Shareable) {
      status += sample(policy.sample());
    }
    return rule.isEmpty() ? status : status + "; rule=" + rule;
  }

  private static String sample(Sample sample) {
    return "; sample=" + sample.first() + (sample.local() ? "; run=local" : "");
  }

  private static String status(InferenceRequest request, InferenceResponse answer, long now) {
    Provenance from = answer.provenance();
    if (from.hit()) {
      long ttl = Math.floorDiv(from.expiresAt() - now, 1000L);
      if (from.instead()) {
        // It was forwarded, and "hit" and "fwd" exclude each other (RFC 9211 §2).
        return "refrain; fwd=stale; ttl=" + ttl + "; detail=stale-if-error";
      }
      return "refrain; hit; ttl=" + ttl + "; detail=" + from.source().label();
    }
    if (request.sharing() instanceof Sharing.Unshareable unshareable) {
      return "refrain; fwd=bypass; detail=" + unshareable.reason().label();
    }
    Provenance.PartCount partCount = from.partCount();
    if (partCount.forwarded() == 0 && !partCount.settled()) {
      return "refrain; detail=divided"; // the head of a stream leaves before all parts are known
    }
    return partCount.stored() > 0
        ? "refrain; fwd=partial" + outcome(answer) + "; detail=" + kept(partCount)
        : "refrain; fwd=" + forwarded(request.directives()) + outcome(answer);
  }

  /** The same in one word, for the access log, which has a field of its own for the reason. */
  static String outcome(InferenceRequest request, Provenance from) {
    if (from.hit()) {
      return from.instead() ? "stale" : "hit";
    }
    if (request.sharing() instanceof Sharing.Unshareable) {
      return "bypass";
    }
    Provenance.PartCount partCount = from.partCount();
    if (partCount.forwarded() == 0 && !partCount.settled()) {
      return "divided";
    }
    if (partCount.stored() > 0) {
      return "partial";
    }
    return from.source() == Source.FLIGHT ? "collapsed" : forwarded(request.directives());
  }

  /** The cache key, for clients that may see it. */
  static String key(InferenceRequest request) {
    return request.sharing() instanceof Sharing.Shareable shareable
        ? "; key=\"" + shareable.fingerprint() + "\""
        : "";
  }

  private static String kept(Provenance.PartCount partCount) {
    return "\"" + partCount.stored() + " of " + partCount.parts() + " kept\"";
  }

  private static String forwarded(Directives directives) {
    return directives.noCache() ? "request" : "uri-miss";
  }

  // A stream's end is not known when its head is sent, so its head cannot say "stored".
  private static String outcome(InferenceResponse answer) {
    String collapsed = answer.provenance().source() == Source.FLIGHT ? "; collapsed" : "";
    boolean stored = answer.entry().succeeded() || answer.provenance().partCount().storing();
    return stored ? collapsed + "; stored" : collapsed;
  }
}
