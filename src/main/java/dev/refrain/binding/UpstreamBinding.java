package dev.refrain.binding;

import dev.refrain.address.Authority;
import dev.refrain.config.UpstreamConfig;
import dev.refrain.config.UpstreamConfig.UpstreamHeaders;
import dev.refrain.upstream.HeaderFilter;
import dev.refrain.upstream.RetrySettings;
import dev.refrain.upstream.Target;
import dev.refrain.upstream.Target.Transport;
import dev.refrain.upstream.Upstream;
import dev.refrain.upstream.Upstream.UpstreamSettings;
import dev.refrain.upstream.passthrough.PassThrough.Origin;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.ProxyOptions;
import io.vertx.core.net.ProxyType;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Maps the configuration of one upstream to the settings of {@code upstream}. Any thread.
 *
 * @param tls supplies the current certificates
 */
public record UpstreamBinding(UpstreamConfig config, Supplier<ClientSSLOptions> tls) {
  /** The upstream, with nothing known of it yet. */
  Upstream upstream(RetrySettings retry) {
    return new Upstream(target(1), upstreamSettings(config), retry);
  }

  /**
   * The same upstream for pass-through requests.
   *
   * @param loops how many event loops share the connections
   */
  Origin origin(int loops) {
    return new Origin(target(loops), config.paths());
  }

  private Target target(int loops) {
    return new Target(
        config.name(),
        config.url(),
        config.models(),
        config.apiKey().isPresent() ? config.apiKey().value() : null,
        config.connectTimeout(),
        config.firstByteTimeout(),
        config.idleTimeout(),
        config.totalTimeout(),
        share(config.connections(), loops),
        share(config.waiting(), loops),
        transport());
  }

  /** The part of a bound of the process that one event loop gets; at least 1. */
  static int share(int total, int loops) {
    return Math.max(1, total / loops); // pools do not cross event loops
  }

  private Transport transport() {
    UpstreamHeaders headers = config.headers();
    String name = config.tls().serverName();
    return new Transport(
        config.proxy().isPresent() ? proxy(URI.create(config.proxy().value())) : null,
        tls,
        name.isEmpty() ? null : name,
        new HeaderFilter(
            Set.copyOf(headers.allow()),
            Set.copyOf(headers.drop()),
            Set.copyOf(headers.hide()),
            config.credentials() == UpstreamConfig.Credentials.CALLER),
        config.headerSize().toInt());
  }

  private static ProxyOptions proxy(URI url) {
    ProxyOptions proxy =
        new ProxyOptions()
            .setType(url.getScheme().equals("socks5") ? ProxyType.SOCKS5 : ProxyType.HTTP)
            .setHost(Authority.host(url))
            .setPort(Authority.port(url));
    String login = Authority.of(url).map(Authority::userInfo).orElse(null);
    if (login != null) {
      String[] user = decoded(login).split(":", 2);
      proxy.setUsername(user[0]).setPassword(user[1]);
    }
    return proxy;
  }

  // Unlike in a form, a plus sign is not a blank.
  private static String decoded(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private static UpstreamSettings upstreamSettings(UpstreamConfig upstream) {
    return new UpstreamSettings(
        upstream.aliases(),
        upstream.weight(),
        upstream.priority(),
        upstream.adaptive().enabled() ? upstream.adaptive().minimum() : upstream.connections(),
        upstream.breaker().failures(),
        upstream.breaker().pause(),
        upstream.probe().path(),
        upstream.probe().interval());
  }
}
