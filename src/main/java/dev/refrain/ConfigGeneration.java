package dev.refrain;

import dev.refrain.binding.ModelRoutes;
import dev.refrain.binding.RedisBinding;
import dev.refrain.binding.UpstreamServer;
import dev.refrain.config.CacheConfig;
import dev.refrain.config.Config;
import dev.refrain.config.FanoutConfig;
import dev.refrain.config.LimitsConfig;
import dev.refrain.config.UpstreamConfig;
import dev.refrain.fanout.FanOutSettings;
import dev.refrain.inference.fields.FieldRoles;
import dev.refrain.keys.Budget;
import dev.refrain.keys.Keyring;
import dev.refrain.memory.MemoryBudget;
import dev.refrain.metrics.Prices;
import dev.refrain.openai.EndpointDefinition;
import dev.refrain.openai.ModelRoute.Repetition;
import dev.refrain.openai.RequestDigests;
import dev.refrain.openai.RequestReader;
import dev.refrain.openai.RequestSchema.Bounds;
import dev.refrain.rules.Rules;
import dev.refrain.runtime.PurgeService;
import dev.refrain.upstream.HealthProbes;
import dev.refrain.upstream.RetrySettings;
import dev.refrain.upstream.Routes;
import dev.refrain.upstream.UpstreamCall.AnswerLimits;
import dev.refrain.upstream.passthrough.PassThrough.Origin;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * One generation of the configuration, as settings of the packages, with its servers and keys. The
 * next one keeps servers and keys whose configuration is unchanged. A request stays in the
 * generation in which it began. Safe on any thread.
 *
 * @param config as it stands in the file and the environment
 * @param servers the upstream servers, in the order configured
 * @param routes the servers of each model
 * @param healthProbes their health probes
 * @param keyring the API keys
 * @param loops number of event loops that share the bounds of the process
 */
public record ConfigGeneration(
    Config config,
    List<UpstreamServer> servers,
    Routes routes,
    HealthProbes healthProbes,
    Keyring keyring,
    int loops) {
  /** How long to wait for further rejections of calls that began together. */
  private static final Duration PATIENCE = Duration.ofMillis(25);

  /** Twice the default timeouts of a lookup and a lease together, so that it rarely elapses. */
  private static final Duration BATCH_WAIT = Duration.ofMillis(100);

  private static ConfigGeneration of(
      Config config, List<UpstreamServer> servers, Keyring keyring, int loops) {
    Routes routes = new Routes(servers.stream().map(UpstreamServer::upstream).toList());
    return new ConfigGeneration(
        config, List.copyOf(servers), routes, new HealthProbes(routes), keyring, loops);
  }

  /** The first generation; fails with a {@code ConfigError} if certificates cannot be read. */
  public static Future<ConfigGeneration> first(Vertx vertx, Config config, int loops) {
    return ConfigGeneration.of(config, List.of(), Keyring.NONE, loops).next(vertx, config);
  }

  /** The next generation; fails likewise, and then nothing has changed. */
  Future<ConfigGeneration> next(Vertx vertx, Config news) {
    List<Future<UpstreamServer>> all = new ArrayList<>();
    for (int i = 0; i < news.upstreams().size(); i++) {
      all.add(server(vertx, i, news));
    }
    return Future.join(all)
        .map(done -> all.stream().map(Future::result).toList())
        .map(
            next -> ConfigGeneration.of(news, next, keyring.next(news.keys(), tariff(news)), loops))
        .onFailure(
            cause ->
                all.stream()
                    .filter(Future::succeeded)
                    .map(Future::result)
                    .filter(server -> !servers.contains(server))
                    .forEach(UpstreamServer::close));
  }

  private static Budget.Tariff tariff(Config config) {
    Prices prices = new Prices(config.metrics());
    return new Budget.Tariff(prices.currency(), model -> prices.find(model).orElse(null));
  }

  private Future<UpstreamServer> server(Vertx vertx, int i, Config news) {
    UpstreamConfig upstream = news.upstreams().get(i);
    RetrySettings retry = news.retry();
    return servers.stream()
        .filter(server -> server.isAs(upstream, retry))
        .findFirst()
        .map(Future::succeededFuture)
        .orElseGet(
            () ->
                UpstreamServer.open(
                    vertx,
                    "upstreams[" + i + "]",
                    upstream,
                    retry,
                    news.server().tls().reload(),
                    loops));
  }

  /** Closes what the next generation does not use; running calls continue. */
  void giveWay(ConfigGeneration other) {
    healthProbes.end();
    servers.stream()
        .filter(server -> !other.servers.contains(server))
        .forEach(UpstreamServer::close);
  }

  /** Closes everything. */
  void close() {
    giveWay(ConfigGeneration.of(config, List.of(), Keyring.NONE, loops));
  }

  /** Whether the upstream's own list of models applies to every caller without changes. */
  boolean isOneCatalogue() {
    UpstreamConfig first = config.upstreams().get(0);
    return config.upstreams().size() == 1
        && first.models().isEmpty()
        && first.aliases().isEmpty()
        && keyring.isEmpty();
  }

  /** Whether the operator's own credentials are sent upstream, in a header field or in TLS. */
  boolean isCredentialed() {
    return config.upstreams().stream()
        .anyMatch(upstream -> upstream.apiKey().isPresent() || !upstream.tls().cert().isEmpty());
  }

  /** The servers for pass-through requests. */
  public List<Origin> origins() {
    return servers.stream().map(UpstreamServer::origin).toList();
  }

  /** The role of each header field of a request. */
  FieldRoles fieldRoles() {
    CacheConfig.Headers headers = config.cache().headers();
    return new FieldRoles(headers.ignore(), headers.key(), headers.scope(), this::isSent);
  }

  private boolean isSent(String name) {
    return routes.upstreams().stream()
        .anyMatch(upstream -> upstream.target().transport().headerFilter().sends(name));
  }

  /** A reader of requests to an endpoint, for one event loop. */
  RequestReader reader(EndpointDefinition definition) {
    return new RequestReader(
        definition,
        bounds(),
        repetition(),
        modelRoutes(),
        config.cache().enabled(),
        fieldRoles(),
        rules());
  }

  /** Makes digests of requests to these endpoints, for one event loop. */
  RequestDigests digests(List<EndpointDefinition> api) {
    return new RequestDigests(api, bounds(), fieldRoles());
  }

  /** The configured rules. */
  Rules rules() {
    return Rules.of(config.cache().rules(), config.cache().ttl());
  }

  /** Settings of retries. */
  RetrySettings retry() {
    return config.retry();
  }

  /** The route of each model. */
  ModelRoutes modelRoutes() {
    return new ModelRoutes(config.upstreams(), routes);
  }

  /** The settings of Redis; only if it is configured. */
  public RedisBinding redisBinding() {
    return new RedisBinding(config.cache(), loops);
  }

  /** Whether Redis is configured and caching is enabled. */
  public boolean isShared() {
    return config.cache().enabled() && config.cache().redis().enabled();
  }

  Bounds bounds() {
    LimitsConfig limits = config.limits();
    return new Bounds(
        limits.n(),
        limits.bestOf(),
        limits.logprobs(),
        limits.temperature(),
        limits.stop(),
        config.fanout().maxElements());
  }

  Repetition repetition() {
    return config.fanout().deterministic();
  }

  AnswerLimits answerLimits(MemoryBudget memory) {
    return new AnswerLimits(
        config.limits().answer().toInt(), config.limits().event().toInt(), memory);
  }

  FanOutSettings fanOut(MemoryBudget memory) {
    FanoutConfig fanout = config.fanout();
    return new FanOutSettings(
        fanout.concurrency(),
        fanout.timeout(),
        config.limits().answer().bytes(),
        PATIENCE,
        BATCH_WAIT,
        memory);
  }

  /** The longest time that a request may take. */
  Duration longest() {
    return Stream.concat(
            Stream.of(config.fanout().timeout()),
            config.upstreams().stream().map(UpstreamConfig::totalTimeout))
        .max(Comparator.naturalOrder())
        .orElseThrow()
        .plus(config.server().bodyTimeout());
  }

  int maxEntry() {
    return config.cache().maxEntry().toInt();
  }

  /** Longest time for which an answer requested before a purge can remain stored. */
  Duration purged() {
    return config.cache().longestTtl().plus(config.cache().grace()).plus(PurgeService.SKEW);
  }
}
