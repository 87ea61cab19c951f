package dev.refrain.metrics;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.inference.Endpoint;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Framing;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Observer.CallOutcome;
import dev.refrain.inference.Observer.CommandOutcome;
import dev.refrain.inference.Observer.FleetOutcome;
import dev.refrain.inference.Observer.KeyRejection;
import dev.refrain.inference.Observer.Lookup;
import dev.refrain.inference.Observer.NotStored;
import dev.refrain.inference.Observer.Phase;
import dev.refrain.inference.Observer.RetryReason;
import dev.refrain.inference.Observer.StaleReason;
import dev.refrain.inference.Purge;
import dev.refrain.inference.Sharing;
import dev.refrain.inference.Source;
import dev.refrain.inference.Tokens;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class MeteredObserverTest {
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"([^\"]*)\"");

  private static final Endpoint ENDPOINT = new Endpoint("/v1/chat/completions", "chat", "chat");

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final MeteredObserver observer =
      new MeteredObserver(
          registry,
          new MeterSettings(1, "USD", List.of()),
          List.of("m"),
          List.of(ENDPOINT),
          Observer.NONE);

  @Test
  void aFinishedRequestIsCountedByStatusFramingAndSourceAndTimed() {
    observer.finished(new Finished(null, 200, Framing.WHOLE, Source.MEMORY, "", millis(2), null));
    observer.finished(new Finished(null, 201, Framing.WHOLE, Source.MEMORY, "", millis(3), null));
    observer.finished(
        new Finished(null, 502, Framing.STREAM, Source.UPSTREAM, "", millis(40), null));

    assertValue(
        "refrain_requests_total{endpoint=\"none\",framing=\"whole\",rule=\"default\",source=\"memory\",status=\"2xx\"}",
        2);
    assertValue(
        "refrain_requests_total{endpoint=\"none\",framing=\"stream\",rule=\"default\",source=\"upstream\",status=\"5xx\"}",
        1);
    assertValue(
        "refrain_requests_total{endpoint=\"none\",framing=\"stream\",rule=\"default\",source=\"memory\",status=\"2xx\"}",
        0);
    String labels = "framing=\"whole\",source=\"memory\"";
    assertValue("refrain_request_duration_seconds_count{" + labels + "}", 2);
    assertValue("refrain_request_duration_seconds_sum{" + labels + "}", 0.005);
    assertValue("refrain_request_duration_seconds_bucket{" + labels + ",le=\"0.0025\"}", 1);
    assertValue("refrain_request_duration_seconds_bucket{" + labels + ",le=\"0.005\"}", 2);
  }

  @Test
  void aRequestNothingAnsweredHasNoSource() {
    observer.finished(new Finished(null, 400, Framing.WHOLE, null, "", 1, null));

    assertValue(
        "refrain_requests_total{endpoint=\"none\",framing=\"whole\",rule=\"default\",source=\"none\",status=\"4xx\"}",
        1);
  }

  @Test
  void aCallerWhoLeftIsNotAnErrorOfTheirs() {
    observer.finished(new Finished(null, 499, Framing.STREAM, Source.UPSTREAM, "", 1, null));

    assertValue(
        "refrain_requests_total{endpoint=\"none\",framing=\"stream\",rule=\"default\",source=\"upstream\",status=\"499\"}",
        1);
    assertValue(
        "refrain_requests_total{endpoint=\"none\",framing=\"stream\",rule=\"default\",source=\"upstream\",status=\"4xx\"}",
        0);
  }

  @Test
  void lookUpsAreCountedByTierAndResultAndTimedByTier() {
    observer.lookedUp(ENDPOINT, Source.MEMORY, Lookup.HIT, "", 2_000);
    observer.lookedUp(ENDPOINT, Source.MEMORY, Lookup.MISS, "", 2_000);
    observer.lookedUp(ENDPOINT, Source.REDIS, Lookup.MISS, "", millis(1));
    observer.lookedUp(ENDPOINT, Source.REDIS, Lookup.ERROR, "", millis(25));

    assertValue(
        "refrain_cache_lookups_total{endpoint=\"chat\",outcome=\"hit\",rule=\"default\",tier=\"memory\"}",
        1);
    assertValue(
        "refrain_cache_lookups_total{endpoint=\"chat\",outcome=\"miss\",rule=\"default\",tier=\"memory\"}",
        1);
    assertValue(
        "refrain_cache_lookups_total{endpoint=\"chat\",outcome=\"error\",rule=\"default\",tier=\"memory\"}",
        0);
    assertValue(
        "refrain_cache_lookups_total{endpoint=\"chat\",outcome=\"miss\",rule=\"default\",tier=\"redis\"}",
        1);
    assertValue(
        "refrain_cache_lookups_total{endpoint=\"chat\",outcome=\"error\",rule=\"default\",tier=\"redis\"}",
        1);
    assertValue("refrain_cache_lookup_duration_seconds_count{tier=\"memory\"}", 2);
    assertValue("refrain_cache_lookup_duration_seconds_bucket{tier=\"memory\",le=\"1.0E-5\"}", 2);
    assertValue("refrain_cache_lookup_duration_seconds_bucket{tier=\"redis\",le=\"0.01\"}", 1);
    assertValue("refrain_cache_lookup_duration_seconds_bucket{tier=\"redis\",le=\"0.025\"}", 2);
  }

  @Test
  void whyAnAnswerWasNotKeptIsCounted() {
    observer.notStored(NotStored.TOO_LARGE);
    observer.notStored(NotStored.ERROR_EVENT);
    observer.notStored(NotStored.ERROR_EVENT);

    assertValue("refrain_not_stored_total{reason=\"too_large\"}", 1);
    assertValue("refrain_not_stored_total{reason=\"error_event\"}", 2);
    assertValue("refrain_not_stored_total{reason=\"refused\"}", 0);
  }

  @Test
  void callersWhoLeaveAreCountedByHowFarTheAnswerWas() {
    observer.disconnected(Phase.WAITING);
    observer.disconnected(Phase.STREAMING);
    observer.disconnected(Phase.STREAMING);

    assertValue("refrain_disconnects_total{phase=\"waiting\"}", 1);
    assertValue("refrain_disconnects_total{phase=\"streaming\"}", 2);
    assertValue("refrain_disconnects_total{phase=\"body\"}", 0);
  }

  @Test
  void whatRefrainAddsIsTimedByWhoAnswered() {
    observer.delayed(Source.MEMORY, 40_000);
    observer.delayed(Source.UPSTREAM, millis(3));

    assertValue("refrain_overhead_seconds_bucket{source=\"memory\",le=\"5.0E-5\"}", 1);
    assertValue("refrain_overhead_seconds_bucket{source=\"upstream\",le=\"0.0025\"}", 0);
    assertValue("refrain_overhead_seconds_bucket{source=\"upstream\",le=\"0.005\"}", 1);
    assertValue("refrain_overhead_seconds_sum{source=\"upstream\"}", 0.003);
  }

  @Test
  void commandsToRedisAreCountedByNameAndOutcomeAndUnknownOnesTogether() {
    observer.redisReplied("getrange", CommandOutcome.OK);
    observer.redisReplied("getrange", CommandOutcome.NONE);
    observer.redisReplied("flushall", CommandOutcome.ERROR);
    observer.redisReplied("set", CommandOutcome.UNSENT);

    assertValue("refrain_redis_commands_total{command=\"getrange\",outcome=\"ok\"}", 1);
    assertValue("refrain_redis_commands_total{command=\"getrange\",outcome=\"none\"}", 1);
    assertValue("refrain_redis_commands_total{command=\"other\",outcome=\"error\"}", 1);
    assertValue("refrain_redis_commands_total{command=\"set\",outcome=\"unsent\"}", 1);
  }

  @Test
  void storesAreCountedWithTheirBytes() {
    observer.stored(Source.MEMORY, 700);
    observer.stored(Source.MEMORY, 300);
    observer.storeDropped(Source.REDIS);

    assertValue("refrain_cache_stores_total{tier=\"memory\"}", 2);
    assertValue("refrain_cache_store_bytes_total{tier=\"memory\"}", 1000);
    assertValue("refrain_cache_stores_dropped_total{tier=\"memory\"}", 0);
    assertValue("refrain_cache_stores_dropped_total{tier=\"redis\"}", 1);
  }

  @Test
  void redisOperationsFollowFromLookUpsAndStores() {
    observer.lookedUp(ENDPOINT, Source.REDIS, Lookup.HIT, "", 1);
    observer.lookedUp(ENDPOINT, Source.REDIS, Lookup.MISS, "", 1);
    observer.lookedUp(ENDPOINT, Source.REDIS, Lookup.ERROR, "", 1);
    observer.stored(Source.REDIS, 10);
    observer.storeDropped(Source.REDIS);
    observer.lookedUp(ENDPOINT, Source.MEMORY, Lookup.HIT, "", 1);

    assertValue("refrain_redis_operations_total{operation=\"get\",outcome=\"ok\"}", 2);
    assertValue("refrain_redis_operations_total{operation=\"get\",outcome=\"error\"}", 1);
    assertValue("refrain_redis_operations_total{operation=\"set\",outcome=\"ok\"}", 1);
    assertValue("refrain_redis_operations_total{operation=\"set\",outcome=\"dropped\"}", 1);
  }

  @Test
  void whatIsNoTierIsNotCounted() {
    Map<String, Double> before = Page.of(registry).series();

    observer.lookedUp(ENDPOINT, Source.FLIGHT, Lookup.HIT, "", 1);
    observer.stored(Source.UPSTREAM, 1);
    observer.storeDropped(Source.UPSTREAM);

    assertThat(Page.of(registry).series()).isEqualTo(before);
  }

  @Test
  void bypassesAreCountedByReasonAndFollowersTogether() {
    observer.bypassed(ENDPOINT, Sharing.Reason.SAMPLED);
    observer.bypassed(ENDPOINT, Sharing.Reason.NO_STORE);
    observer.bypassed(ENDPOINT, Sharing.Reason.NO_STORE);
    observer.collapsed(ENDPOINT);

    assertValue("refrain_bypass_total{endpoint=\"chat\",reason=\"sampled\"}", 1);
    assertValue("refrain_bypass_total{endpoint=\"chat\",reason=\"no-store\"}", 2);
    assertValue("refrain_bypass_total{endpoint=\"chat\",reason=\"disabled\"}", 0);
    assertValue("refrain_collapsed_total{endpoint=\"chat\"}", 1);
  }

  @Test
  void upstreamCallsAreInFlightUntilTheyEnd() {
    observer.upstreamBegan(ENDPOINT);
    observer.upstreamBegan(ENDPOINT);
    observer.upstreamEnded(CallOutcome.REFUSED, millis(80));

    assertValue("refrain_upstream_calls_total{endpoint=\"chat\"}", 2);
    assertValue("refrain_upstream_calls_in_flight", 1);
    assertValue("refrain_upstream_duration_seconds_count{outcome=\"refused\"}", 1);
    assertValue("refrain_upstream_duration_seconds_bucket{outcome=\"refused\",le=\"0.05\"}", 0);
    assertValue("refrain_upstream_duration_seconds_bucket{outcome=\"refused\",le=\"0.1\"}", 1);
    assertValue("refrain_upstream_duration_seconds_count{outcome=\"answered\"}", 0);

    observer.upstreamEnded(CallOutcome.CANCELLED, millis(1));

    assertValue("refrain_upstream_calls_in_flight", 0);
  }

  @Test
  void callsMadeOnceMoreAreCountedByReasonAndThoseNotMadeTogether() {
    observer.retried(RetryReason.THROTTLED);
    observer.retried(RetryReason.UNREACHABLE);
    observer.retried(RetryReason.UNREACHABLE);
    observer.retrySuppressed();

    assertValue("refrain_upstream_retries_total{reason=\"throttled\"}", 1);
    assertValue("refrain_upstream_retries_total{reason=\"unreachable\"}", 2);
    assertValue("refrain_upstream_retries_total{reason=\"broken\"}", 0);
    assertValue("refrain_upstream_retries_suppressed_total", 1);
  }

  @Test
  void tokensAreCountedByWhoGaveThemSoThatSavingsCanBeReadOff() {
    observer.answered(ENDPOINT, Source.UPSTREAM, "m", Tokens.of(10, 7));
    observer.answered(ENDPOINT, Source.MEMORY, "m", Tokens.of(10, 7));
    observer.answered(ENDPOINT, Source.FLIGHT, "m", Tokens.of(10, 7));
    observer.answered(ENDPOINT, Source.FLIGHT, "m", Tokens.UNKNOWN);

    assertValue(
        "refrain_tokens_total{endpoint=\"chat\",model=\"m\",source=\"upstream\",type=\"prompt\"}",
        10);
    assertValue(
        "refrain_tokens_total{endpoint=\"chat\",model=\"m\",source=\"upstream\",type=\"completion\"}",
        7);
    assertThat(total("refrain_tokens_total{endpoint=\"chat\",")).as("asked").isEqualTo(51);
    assertThat(total("refrain_tokens_total{endpoint=\"chat\",model=\"m\",source=\"upstream\""))
        .as("paid")
        .isEqualTo(17);
  }

  @Test
  void framesAreTimedFromTheRequestAndFromEachOther() {
    observer.firstFrame(millis(300), null);
    observer.nextFrame(millis(15));
    observer.nextFrame(millis(25));

    assertValue("refrain_time_to_first_token_seconds_count", 1);
    assertValue("refrain_time_to_first_token_seconds_bucket{le=\"0.25\"}", 0);
    assertValue("refrain_time_to_first_token_seconds_bucket{le=\"0.5\"}", 1);
    assertValue("refrain_time_between_tokens_seconds_count", 2);
    assertValue("refrain_time_between_tokens_seconds_bucket{le=\"0.02\"}", 1);
    assertValue("refrain_time_between_tokens_seconds_sum", 0.04);
  }

  @Test
  void everySeriesIsThereBeforeTheFirstEventAndNoneIsAddedByAny() {
    Set<String> before = Page.of(registry).series().keySet();

    everythingThereIs();

    assertThat(Page.of(registry).series().keySet()).isEqualTo(before);
  }

  private static Set<String> fields() {
    Set<String> fields = new TreeSet<>(RefusalMetersTest.FIELDS);
    fields.addAll(Set.of("model", "system_fingerprint"));
    return fields;
  }

  @Test
  void labelsTakeNoValueButThoseWrittenDownHere() {
    everythingThereIs();

    Map<String, Set<String>> values = new TreeMap<>();
    for (String series : Page.of(registry).series().keySet()) {
      Matcher label = LABEL.matcher(series);
      while (label.find()) {
        values.computeIfAbsent(label.group(1), name -> new TreeSet<>()).add(label.group(2));
      }
    }
    values.remove("le");
    assertThat(values)
        .isEqualTo(
            Map.ofEntries(
                entry("by", Set.of("all", "model", "scope", "namespace", "fingerprint")),
                entry("framing", Set.of("whole", "stream")),
                entry("source", Set.of("upstream", "memory", "disk", "redis", "flight", "none")),
                entry("status", Set.of("2xx", "3xx", "4xx", "5xx", "499", "other")),
                entry("rule", Set.of("default")),
                entry("kind", Set.of("paid", "saved")),
                entry("tier", Set.of("memory", "disk", "redis")),
                entry("fault", Set.of("slow", "damaged", "full", "read_only", "failed")),
                entry(
                    "outcome",
                    Set.of(
                        "hit",
                        "miss",
                        "error",
                        "answered",
                        "failed",
                        "unshareable",
                        "overdue",
                        "abandoned",
                        "purged",
                        "refused",
                        "cancelled",
                        "ok",
                        "none",
                        "unsent",
                        "dropped",
                        "malformed",
                        "led",
                        "followed",
                        "took_over",
                        "same",
                        "different",
                        "skipped",
                        "failed_open")),
                entry("endpoint", Set.of("chat", "none")),
                entry(
                    "reason",
                    Set.of(
                        "sampled",
                        "no-store",
                        "header",
                        "stateful",
                        "not-understood",
                        "disabled",
                        "busy",
                        "unreachable",
                        "broken",
                        "throttled",
                        "error",
                        "refused",
                        "no_store",
                        "unfinished",
                        "error_event",
                        "abandoned",
                        "too_large",
                        "stale",
                        "purged",
                        "missing",
                        "unknown",
                        "several",
                        "timeout",
                        "memory",
                        "revalidating",
                        "insufficient_quota",
                        "full",
                        "slow",
                        "invalid",
                        "unauthorized",
                        "unknown_key",
                        "forbidden",
                        "not_found",
                        "no_such_model",
                        "method_not_allowed",
                        "request_timeout",
                        "uri_too_long",
                        "unsupported_media_type",
                        "too_many_requests",
                        "too_many_tokens",
                        "headers_too_large")),
                entry(
                    "path",
                    Set.of("chat", "completions", "embeddings", "responses", "models", "other")),
                entry("field", fields()),
                entry("phase", Set.of("body", "waiting", "streaming")),
                entry("model", Set.of("m", "other")),
                entry(
                    "command",
                    Set.of(
                        "getrange",
                        "set",
                        "eval",
                        "xread",
                        "hgetall",
                        "hset",
                        "hdel",
                        "pexpire",
                        "time",
                        "other")),
                entry("type", Set.of("prompt", "completion")),
                entry("direction", Set.of("up", "down")),
                entry(
                    "method",
                    Set.of("get", "head", "post", "put", "patch", "delete", "options", "other")),
                entry("operation", Set.of("get", "set"))));
  }

  @Test
  void everyNameBeginsWithOurs() {
    everythingThereIs();
    new Gauges(registry);
    new EventLoopLag(registry);

    assertThat(Page.of(registry).series().keySet())
        .allSatisfy(series -> assertThat(series).startsWith("refrain_"));
  }

  @Test
  void requestsAndLookUpsOfARuleAreCountedApartFromOthers() {
    observer.finished(new Finished(null, 200, Framing.WHOLE, Source.MEMORY, "frontier", 1, null));
    observer.lookedUp(ENDPOINT, Source.MEMORY, Lookup.HIT, "frontier", 1);

    String labels =
        "{endpoint=\"none\",framing=\"whole\",rule=\"%s\",source=\"memory\",status=\"2xx\"}";
    assertValue("refrain_requests_total" + labels.formatted("frontier"), 1);
    assertValue("refrain_requests_total" + labels.formatted("default"), 0);
    assertValue(
        "refrain_cache_lookups_total{endpoint=\"chat\",outcome=\"hit\",rule=\"frontier\",tier=\"memory\"}",
        1);
  }

  private void everythingThereIs() {
    IntStream.of(-1, 0, 100, 200, 304, 404, 499, 503, 999, Integer.MAX_VALUE)
        .forEach(
            status ->
                observer.finished(
                    new Finished(null, status, Framing.STREAM, Source.FLIGHT, "", 1, null)));
    observer.finished(new Finished(null, 200, Framing.WHOLE, null, "", Long.MAX_VALUE, null));
    for (Source source : Source.values()) {
      for (Lookup result : Lookup.values()) {
        observer.lookedUp(ENDPOINT, source, result, "", 1);
      }
      observer.stored(source, 1);
      observer.storeDropped(source);
      observer.delayed(source, 1);
      observer.answered(ENDPOINT, source, "m", Tokens.of(1, 1));
    }
    observer.answered(ENDPOINT, Source.MEMORY, "a model that nobody named", Tokens.of(1, 1));
    for (NotStored why : NotStored.values()) {
      observer.notStored(why);
    }
    for (Phase phase : Phase.values()) {
      observer.disconnected(phase);
    }
    for (KeyRejection why : KeyRejection.values()) {
      observer.unauthorized(why);
    }
    for (CommandOutcome commandOutcome : CommandOutcome.values()) {
      observer.redisReplied("eval", commandOutcome);
      observer.redisReplied("invented", commandOutcome);
    }
    for (StaleReason why : StaleReason.values()) {
      observer.servedStale(why);
    }
    for (Purge.By by : Purge.By.values()) {
      observer.purged(by);
    }
    for (Sharing.Reason reason : Sharing.Reason.values()) {
      observer.bypassed(ENDPOINT, reason);
    }
    for (String method : List.of("GET", "POST", "get", "INVENTED", "")) {
      observer.passThroughBegan();
      observer.passThroughEnded(method, "/v1/" + method, 101, 1, 1);
    }
    observer.passThroughEnded("GET", null, 200, 1, 1);
    for (Failure.Kind kind : Failure.Kind.values()) {
      observer.refused(kind, "invented[3].field");
      observer.refused(kind, null);
    }
    for (CallOutcome callOutcome : CallOutcome.values()) {
      observer.upstreamBegan(ENDPOINT);
      observer.upstreamEnded(callOutcome, 1);
    }
    for (FleetOutcome outcome : FleetOutcome.values()) {
      observer.fleet(outcome);
    }
    observer.collapsed(ENDPOINT);
    observer.firstFrame(1, null);
    observer.nextFrame(1);
  }

  private void assertValue(String series, double expected) {
    assertThat(Page.of(registry).value(series)).as(series).isEqualTo(expected);
  }

  private double total(String prefix) {
    return Page.of(registry).series().entrySet().stream()
        .filter(series -> series.getKey().startsWith(prefix))
        .mapToDouble(Map.Entry::getValue)
        .sum();
  }

  private static long millis(long millis) {
    return TimeUnit.MILLISECONDS.toNanos(millis);
  }
}
