package dev.refrain.inference.fields;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Names of request fields, in lower case, by what is known of them. */
public final class KnownFields {
  /** Fields of one connection, which no proxy sends on (RFC 9110 §7.6.1). */
  public static final Set<String> CONNECTION =
      Set.of(
          "connection",
          "proxy-connection",
          "keep-alive",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "proxy-authenticate",
          "proxy-authorization",
          "proxy-authentication-info",
          "http2-settings",
          "content-length");

  /**
   * Fields of a call that Refrain answers, or writes anew: host and length are the new request's
   * own, answers are read and must not come encoded, and what is asked of a cache is asked of this
   * one.
   */
  public static final Set<String> OURS =
      Set.of("host", "accept-encoding", "expect", "cache-control");

  /** Beginning of the names of directives to Refrain itself, of which none is ever sent on. */
  public static final String DIRECTIVES = "x-refrain-";

  /** Fields that change no answer: the client, intermediaries, and names of a request. */
  static final Set<String> HARMLESS =
      names(
          // The client and its wishes for the form of an answer, which this endpoint does not have.
          "accept accept-charset user-agent x-requested-with referer http-referer x-title origin"
              + " dnt priority pragma date save-data upgrade-insecure-requests device-memory"
              + " downlink dpr ect rtt viewport-width width access-control-request-method"
              + " content-encoding access-control-request-headers max-forwards x-raw-response"
              + " x-goog-api-client x-ms-useragent x-amz-user-agent x-client-data"
              + " x-promptfoo-version x-promptfoo-silent",
          // Retries and time limits.
          "idempotency-key x-idempotency-key x-retry-count retry-count x-retry-attempt"
              + " retry-attempt x-attempt amz-sdk-request amz-sdk-invocation-id x-request-timeout"
              + " request-timeout grpc-timeout x-request-start x-queue-start connect-time"
              + " total-route-time x-timer",
          // Names of a request.
          "x-request-id request-id x-req-id x-correlation-id correlation-id x-client-request-id"
              + " client-request-id x-ms-client-request-id x-ms-return-client-request-id"
              + " return-client-request-id x-amzn-requestid x-litellm-call-id",
          // Traces.
          "traceparent tracestate traceresponse baggage sentry-trace b3 uber-trace-id"
              + " x-cloud-trace-context x-amzn-trace-id elastic-apm-traceparent newrelic"
              + " x-newrelic-id x-newrelic-transaction x-honeycomb-trace x-ot-span-context"
              + " grpc-trace-bin langsmith-trace x-trace-id x-span-id x-parent-id x-parent-span-id"
              + " trace-id span-id parent-id sw8 sw8-correlation sw8-x x-tt-logid"
              + " x-instana-t x-instana-s x-instana-l x-dynatrace",
          // Intermediaries: proxies, load balancers, content delivery networks.
          "via cdn-loop x-forwarded-for x-forwarded-proto x-forwarded-port x-forwarded-server"
              + " x-forwarded-scheme x-forwarded-ssl x-forwarded-protocol x-original-forwarded-for"
              + " x-original-proto x-scheme x-url-scheme front-end-https x-real-ip x-real-port"
              + " x-client-ip client-ip x-cluster-client-ip x-proxyuser-ip true-client-ip x-varnish"
              + " wl-proxy-client-ip proxy-client-ip x-remote-addr remote-addr x-sucuri-clientip"
              + " incap-client-ip x-envoy-external-address x-envoy-internal x-envoy-attempt-count"
              + " x-envoy-expected-rq-timeout-ms x-envoy-decorator-operation x-envoy-peer-metadata"
              + " x-envoy-peer-metadata-id x-envoy-is-timeout-retry x-envoy-downstream-service-node"
              + " x-envoy-downstream-service-cluster x-envoy-ip-tags",
          "sec-websocket-key sec-websocket-version sec-websocket-extensions",
          "cf-ray cf-connecting-ip cf-connecting-ipv6 cf-connecting-o2o cf-pseudo-ipv4 cf-visitor"
              + " cf-ew-via cf-worker cf-request-id cf-region cf-region-code cf-metro-code"
              + " cf-postal-code cf-timezone cf-warp-tag-id cf-bot-score cf-verified-bot"
              + " cf-ja3-hash cf-ja4 cf-threat-score cf-tls-version cf-device-type cf-cache-status",
          "x-amz-cf-id fastly-client-ip fastly-client fastly-ff fastly-ssl fastly-temp-xff"
              + " akamai-origin-hop x-akamai-edgescape x-akamai-config-log-detail"
              + " x-azure-ref x-azure-clientip x-azure-socketip x-azure-fdid x-azure-requestchain"
              + " x-arr-log-id x-arr-ssl x-appengine-country x-appengine-city x-appengine-region"
              + " x-vercel-id x-vercel-forwarded-for fly-client-ip fly-region fly-forwarded-proto"
              + " fly-forwarded-port fly-forwarded-ssl fly-request-id fly-traceparent"
              + " x-railway-edge x-railway-request-id x-nf-client-connection-ip x-nf-request-id");

  /** Beginnings of such names, where the rest is no credential by its name. */
  static final List<String> HARMLESS_BEGINNINGS =
      List.of(
          "x-stainless-",
          "sec-fetch-",
          "sec-ch-",
          "sec-gpc",
          "sec-purpose",
          "x-b3-",
          "x-datadog-",
          "x-instana-",
          "uberctx-",
          "ot-tracer-",
          "cf-ip",
          "cloudfront-",
          "x-vercel-ip-");

  /**
   * Fields by which the server reads another request than the one in the body: a part of the answer
   * (RFC 9110 §14.2), a condition (§13.1), an expectation (§10.1.1), another method or path.
   */
  static final Set<String> ALONE =
      Set.of(
          "range",
          "if-range",
          "if-match",
          "if-none-match",
          "if-modified-since",
          "if-unmodified-since",
          "expect",
          "x-http-method-override",
          "x-http-method",
          "x-method-override",
          "x-original-method",
          "x-original-url",
          "x-rewrite-url",
          "x-override-url");

  /** Accounts that a call is charged to, besides the credential. */
  static final Set<String> ACCOUNT = Set.of("openai-organization", "openai-project");

  /** Pieces of names that credentials have. */
  private static final List<String> CREDENTIAL =
      List.of(
          "auth",
          "token",
          "key",
          "secret",
          "cookie",
          "credential",
          "session",
          "passw",
          "signature",
          "jwt",
          "assertion",
          "cert",
          "bearer");

  private KnownFields() {}

  private static Set<String> names(String... lists) {
    return Stream.of(lists)
        .flatMap(list -> Stream.of(list.split(" ")))
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Whether a name, in lower case, is one that a credential has. */
  public static boolean isCredential(String name) {
    for (String piece : CREDENTIAL) {
      if (name.contains(piece)) {
        return true;
      }
    }
    return false;
  }
}
