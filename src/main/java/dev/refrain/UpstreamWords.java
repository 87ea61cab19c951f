package dev.refrain;

import dev.refrain.config.Config;
import dev.refrain.config.RetryConfig;
import dev.refrain.config.UpstreamConfig;
import dev.refrain.config.UpstreamHeaders;
import dev.refrain.upstream.RetrySettings;
import dev.refrain.upstream.Standing;
import dev.refrain.upstream.Target;
import dev.refrain.upstream.Transport;
import dev.refrain.upstream.Travel;
import dev.refrain.upstream.Upstream;
import dev.refrain.upstream.passthrough.Origin;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.ProxyOptions;
import io.vertx.core.net.ProxyType;
import java.net.URI;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * The configuration of the upstreams, in the words of their room. Any thread.
 *
 * @param certificates as they are now
 */
record UpstreamWords(Config config, Certificates certificates) {
  /** Every upstream, with nothing known of it yet. */
  List<Upstream> upstreams() {
    RetrySettings retry = retry();
    return each(
        (upstream, tls) -> new Upstream(target(upstream, tls, 1), standing(upstream), retry));
  }

  /**
   * Who may be passed what is none of ours.
   *
   * @param loops how many event loops share the connections
   */
  List<Origin> origins(int loops) {
    return each((upstream, tls) -> new Origin(target(upstream, tls, loops), upstream.paths()));
  }

  private <T> List<T> each(BiFunction<UpstreamConfig, Supplier<ClientSSLOptions>, T> made) {
    return IntStream.range(0, config.upstreams().size())
        .mapToObj(i -> made.apply(config.upstreams().get(i), certificates.upstream(i)))
        .toList();
  }

  /** How often, and when, what failed is asked again. */
  RetrySettings retry() {
    RetryConfig retry = config.retry();
    return new RetrySettings(
        retry.most(),
        Set.copyOf(retry.on()),
        retry.firstWait(),
        retry.longestWait(),
        retry.retryAfter(),
        retry.hedge(),
        retry.budget().share(),
        retry.budget().reserve(),
        System::nanoTime);
  }

  private static Target target(UpstreamConfig upstream, Supplier<ClientSSLOptions> tls, int loops) {
    return new Target(
        upstream.name(),
        upstream.url(),
        upstream.models(),
        upstream.apiKey().isPresent() ? upstream.apiKey().value() : null,
        upstream.connectTimeout(),
        upstream.firstByteTimeout(),
        upstream.idleTimeout(),
        upstream.totalTimeout(),
        Shared.share(upstream.connections(), loops),
        Shared.share(upstream.waiting(), loops),
        transport(upstream, tls));
  }

  private static Transport transport(UpstreamConfig upstream, Supplier<ClientSSLOptions> tls) {
    UpstreamHeaders headers = upstream.headers();
    String name = upstream.tls().serverName();
    return new Transport(
        upstream.proxy().isPresent() ? proxy(URI.create(upstream.proxy().value())) : null,
        tls,
        name.isEmpty() ? null : name,
        new Travel(
            Set.copyOf(headers.allow()), Set.copyOf(headers.drop()), Set.copyOf(headers.hide())));
  }

  private static ProxyOptions proxy(URI url) {
    ProxyOptions proxy =
        new ProxyOptions()
            .setType(url.getScheme().equals("socks5") ? ProxyType.SOCKS5 : ProxyType.HTTP)
            .setHost(url.getHost())
            .setPort(url.getPort());
    if (url.getUserInfo() != null) {
      String[] user = url.getUserInfo().split(":", 2);
      proxy.setUsername(user[0]).setPassword(user[1]);
    }
    return proxy;
  }

  private static Standing standing(UpstreamConfig upstream) {
    return new Standing(
        upstream.aliases(),
        upstream.weight(),
        upstream.priority(),
        upstream.breaker().failures(),
        upstream.breaker().pause(),
        upstream.probe().path(),
        upstream.probe().interval());
  }
}
