package dev.refrain.metrics;

import dev.refrain.inference.Endpoint;
import dev.refrain.inference.Failure;
import dev.refrain.inference.FinishedRequest;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Purge;
import dev.refrain.inference.Sharing;
import dev.refrain.inference.Source;
import dev.refrain.inference.Tokens;
import dev.refrain.metrics.RedisOperations.RedisCommands;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;
import java.util.Map;

/**
 * Counts the events that it receives. One for the process; any thread may call it.
 *
 * <table>
 * <caption>What Prometheus sees; durations are histograms in seconds</caption>
 * <tr><td>{@code refrain_requests_total{endpoint,status,framing,source,rule}}<td>requests done; status is 2xx,
 *     3xx, 4xx, 5xx, 499 (the caller left) or other
 * <tr><td>{@code refrain_request_duration_seconds{framing,source}}<td>their whole time
 * <tr><td>{@code refrain_overhead_seconds{source}}<td>beside what was waited for the upstream
 * <tr><td>{@code refrain_disconnects_total{phase}}<td>callers who left: body, waiting, streaming
 * <tr><td>{@code refrain_connections_rejected_total{reason}}<td>rejected: full, slow
 * <tr><td>{@code refrain_unauthorized_total{reason}}<td>no key: missing, unknown, several
 * <tr><td>{@code refrain_cache_lookups_total{endpoint,tier,outcome,rule}}<td>hit, miss or error
 * <tr><td>{@code refrain_cache_lookup_duration_seconds{tier}}<td>their time
 * <tr><td>{@code refrain_cache_stores_total{tier}}, {@code …_store_bytes_total}<td>answers kept
 * <tr><td>{@code refrain_cache_stores_dropped_total{tier}}<td>not kept for want of room or tier
 * <tr><td>{@code refrain_not_stored_total{reason}}<td>answers that might have been shared: refused,
 *     unfinished, error_event, broken, abandoned, too_large, stale, purged
 * <tr><td>{@code refrain_cache_purges_total{by}}<td>all, model, scope, namespace or fingerprint
 * <tr><td>{@code refrain_cache_stale_total{reason}}<td>served past their time: error, revalidating
 * <tr><td>{@code refrain_redis_operations_total{operation,outcome}}<td>the same, for Redis
 * <tr><td>{@code refrain_redis_commands_total{command,outcome}}<td>ok, error, none, unsent
 * <tr><td>{@code refrain_bypass_total{endpoint,reason}}<td>requests that went past the cache
 * <tr><td>{@code refrain_collapsed_total{endpoint}}<td>requests that joined a call on its way
 * <tr><td>{@code refrain_fleet_total{outcome}}<td>calls that replicas may share: led, followed,
 *     took_over, failed_open
 * <tr><td>{@code refrain_fanout_requests_total}<td>requests taken apart
 * <tr><td>{@code refrain_fanout_parts_total}<td>the parts they were taken into
 * <tr><td>{@code refrain_fanout_batches_total}<td>upstream calls for several parts of one request
 * <tr><td>{@code refrain_fanout_batched_parts_total}<td>the parts in them
 * <tr><td>{@code refrain_fanout_waiting}<td>parts that wait for their turn; 0 at rest
 * <tr><td>{@code refrain_replicated_choices_total}<td>choices that are a copy of another
 * <tr><td>{@code refrain_replicated_tokens_total}<td>their completion tokens, which nobody paid
 * <tr><td>{@code refrain_upstream_calls_total{endpoint}}, {@code …_in_flight}<td>calls begun
 * <tr><td>{@code refrain_upstream_duration_seconds{outcome}}<td>answered, refused, failed, cancelled
 * <tr><td>{@code refrain_passthrough_requests_total{method,status}}, {@code …_in_flight}<td>likewise
 * <tr><td>{@code refrain_passthrough_bytes_total{direction}}<td>of their bodies: up, down
 * <tr><td>{@code refrain_upstream_retries_total{reason}}<td>calls made once more: unreachable,
 *     broken, throttled, error
 * <tr><td>{@code refrain_upstream_retries_suppressed_total}<td>not made, for want of budget
 * <tr><td>{@code refrain_tokens_total{endpoint,source,type,model}}<td>prompt and completion tokens of answers
 * <tr><td>{@code refrain_cost_total{endpoint,source,model,currency}}<td>what they cost, where it is known
 * <tr><td>{@code refrain_rule_tokens_total{rule,kind}}, {@code refrain_rule_cost_total}<td>paid, saved
 * <tr><td>{@code refrain_verifications_total{endpoint,model,outcome}}<td>same, different, failed, skipped
 * <tr><td>{@code refrain_answer_changes_total{field}}<td>model, system_fingerprint
 * <tr><td>{@code refrain_time_to_first_token_seconds}<td>request to first frame
 * <tr><td>{@code refrain_time_between_tokens_seconds}<td>frame to frame
 * </table>
 *
 * <p>What was saved, in tokens: <em>asked</em> is the sum of {@code refrain_tokens_total}; what was
 * <em>paid</em> is {@code source="upstream"}; what was <em>saved</em> is the other four, {@code
 * source=~"memory|disk|redis|flight"}. Answers for which the upstream reported no usage are in none
 * of them.
 *
 * <p>{@code source} of a request is {@code none} where the observer is given null: it was refused,
 * failed or was left before anything answered it.
 */
public final class MeteredObserver implements Observer {
  private final RequestMeters requests;
  private final TierMeters memory;
  private final TierMeters disk;
  private final TierMeters redis;
  private final UpstreamMeters upstream;
  private final PassThroughMeters passes;
  private final RefusalMeters refusals;
  private final TokenMeters tokens;
  private final RuleMeters rules;
  private final FanOutMeters fanOut;
  private final SharingMeters sharing;
  private final StreamMeters streams;
  private final RedisCommands commands;
  private final Map<DiskFault, Counter> diskFaults;
  private final Map<NotStored, Counter> notStored;
  private final Map<StaleReason, Counter> staleReason;
  private final Map<RejectReason, Counter> rejected;
  private final Map<CutOff, Counter> cutOff;
  private final Map<KeyRejection, Counter> unauthorized;
  private final Map<Purge.By, Counter> purged;
  private final Observer records;
  private final VerificationMeters verifications;

  /** Registers every series except those of models that are not known yet. */
  public MeteredObserver(PrometheusMeterRegistry registry, MeterSettings settings) {
    this(registry, settings, List.of(), List.of(), Observer.NONE);
  }

  /**
   * The same, with a label value for each of these endpoints.
   *
   * @param served names and globs of the models that are served; those without a glob have label
   *     values from the start, as do those with a price
   * @param records receives finished requests, answers and copies, too
   */
  public MeteredObserver(
      PrometheusMeterRegistry registry,
      MeterSettings settings,
      List<String> served,
      List<Endpoint> endpoints,
      Observer records) {
    this.records = records;
    Exemplars exemplars = new Exemplars(registry);
    requests = new RequestMeters(registry, exemplars, endpoints);
    memory = new TierMeters(registry, Source.MEMORY, endpoints);
    disk = new TierMeters(registry, Source.DISK, endpoints);
    redis = new TierMeters(registry, Source.REDIS, endpoints);
    RedisOperations.register(registry, redis);
    upstream = new UpstreamMeters(registry, endpoints);
    passes = new PassThroughMeters(registry);
    refusals = new RefusalMeters(registry);
    tokens = new TokenMeters(registry, settings, served, endpoints);
    rules = new RuleMeters(registry, settings);
    fanOut = new FanOutMeters(registry);
    diskFaults = TierMeters.diskFaults(registry);
    staleReason =
        Labels.counters(
            registry,
            StaleReason.class,
            "refrain.cache.stale",
            "Stale answers served, by reason",
            "reason");
    rejected =
        Labels.counters(
            registry,
            RejectReason.class,
            "refrain.connections.rejected",
            "Connections rejected, by reason",
            "reason");
    cutOff =
        Labels.counters(
            registry,
            CutOff.class,
            "refrain.slow.readers.closed",
            "Callers cut off because they did not read their answers, by the reason",
            "reason");
    unauthorized =
        Labels.counters(
            registry,
            KeyRejection.class,
            "refrain.unauthorized",
            "Requests rejected without a valid key, by reason",
            "reason");
    purged = Labels.each(Purge.By.class, by -> purge(registry, by));
    sharing = new SharingMeters(registry, endpoints);
    streams = new StreamMeters(registry, exemplars);
    commands = new RedisCommands(registry);
    verifications = new VerificationMeters(registry, settings, endpoints);
    notStored =
        Labels.counters(
            registry,
            NotStored.class,
            "refrain.not.stored",
            "Shareable answers that were not stored, by reason",
            "reason");
  }

  /** Uses other settings for models and prices from now on. Any thread. */
  public void adopt(MeterSettings settings, List<String> served) {
    tokens.adopt(settings, served);
    rules.adopt(settings);
    verifications.adopt(settings);
  }

  @Override
  public void lookedUp(Endpoint endpoint, Source source, Lookup result, String rule, long nanos) {
    TierMeters tier = tier(source);
    if (tier != null) {
      tier.lookedUp(endpoint, result, rule, nanos);
    }
  }

  @Override
  public void diskFailed(DiskFault fault) {
    diskFaults.get(fault).increment();
  }

  @Override
  public void stored(Source source, int bytes) {
    TierMeters tier = tier(source);
    if (tier != null) {
      tier.stored(bytes);
    }
  }

  @Override
  public void storeDropped(Source source) {
    TierMeters tier = tier(source);
    if (tier != null) {
      tier.storeDropped();
    }
  }

  @Override
  public void servedStale(StaleReason reason) {
    staleReason.get(reason).increment();
  }

  @Override
  public void rejected(RejectReason reason) {
    rejected.get(reason).increment();
  }

  @Override
  public void cutOff(CutOff why) {
    cutOff.get(why).increment();
  }

  @Override
  public void unauthorized(KeyRejection reason) {
    unauthorized.get(reason).increment();
  }

  @Override
  public void purged(Purge.By by) {
    purged.get(by).increment();
  }

  @Override
  public void bypassed(Endpoint endpoint, Sharing.Reason reason) {
    sharing.bypassed(endpoint, reason);
  }

  @Override
  public void flightCompleted(FlightOutcome outcome) {
    sharing.flightCompleted(outcome);
  }

  @Override
  public void collapsed(Endpoint endpoint) {
    sharing.collapsed(endpoint);
  }

  @Override
  public void fleet(FleetOutcome outcome) {
    sharing.fleet(outcome);
  }

  @Override
  public void divided(int parts) {
    fanOut.divided(parts);
  }

  @Override
  public void batched(int parts) {
    fanOut.batched(parts);
  }

  @Override
  public void waiting(int parts) {
    fanOut.waiting(parts);
  }

  @Override
  public void replicated(int choices, long completion) {
    fanOut.replicated(choices, completion);
  }

  @Override
  public void upstreamBegan(Endpoint endpoint) {
    upstream.began(endpoint);
  }

  @Override
  public void upstreamEnded(CallOutcome callOutcome, long nanos) {
    upstream.ended(callOutcome, nanos);
  }

  @Override
  public void passThroughBegan() {
    passes.began();
  }

  @Override
  public void passThroughEnded(String method, String path, int status, long up, long down) {
    passes.ended(method, path, status, up, down);
  }

  @Override
  public void refused(Failure.Kind kind, String field) {
    refusals.refused(kind, field);
  }

  @Override
  public void retried(RetryReason reason) {
    upstream.retried(reason);
  }

  @Override
  public void retrySuppressed() {
    upstream.retrySuppressed();
  }

  @Override
  public void answered(Endpoint endpoint, Source source, String model, Tokens counted) {
    tokens.answered(endpoint, source, model, counted);
  }

  @Override
  public void notStored(NotStored reason) {
    notStored.get(reason).increment();
  }

  @Override
  public void redisReplied(String command, CommandOutcome commandOutcome) {
    commands.replied(command, commandOutcome);
  }

  @Override
  public void firstFrame(long nanos, String trace) {
    streams.first(nanos, trace);
  }

  @Override
  public void nextFrame(long nanos) {
    streams.next(nanos);
  }

  @Override
  public void delayed(Source source, long nanos) {
    requests.delayed(source, nanos);
  }

  @Override
  public void disconnected(Phase phase) {
    requests.disconnected(phase);
  }

  @Override
  public void answered(InferenceRequest request, Source source, Tokens counted) {
    Endpoint endpoint = request.language().endpoint();
    double cost = tokens.answered(endpoint, source, request.model(), counted);
    String rule = request.directives().policy().label();
    rules.add(rule, source == Source.UPSTREAM, counted.total(), cost);
    records.answered(request, source, counted);
  }

  @Override
  public void replicated(InferenceRequest request, int choices, long completion) {
    Observer.super.replicated(request, choices, completion);
    double cost = tokens.cost(request.model(), Tokens.of(0, completion));
    rules.add(request.directives().policy().label(), false, completion, cost);
    records.replicated(request, choices, completion);
  }

  @Override
  public void verified(InferenceRequest request, Verification outcome) {
    verifications.verified(request.model(), request.language().endpoint().label(), outcome);
  }

  @Override
  public void answersChanged(ChangedField field) {
    verifications.changed(field);
  }

  @Override
  public void finished(FinishedRequest request) {
    requests.finished(request);
    records.finished(request);
  }

  private TierMeters tier(Source source) {
    return switch (source) {
      case MEMORY -> memory;
      case DISK -> disk;
      case REDIS -> redis;
      case UPSTREAM, FLIGHT -> null;
    };
  }

  private static Counter purge(MeterRegistry registry, Purge.By by) {
    return Labels.counter(
        registry, "refrain.cache.purges", "Purges requested at this replica", "by", by.label());
  }
}
