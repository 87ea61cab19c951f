package dev.refrain;

import dev.refrain.config.FanoutConfig;
import dev.refrain.config.UpstreamConfig;
import dev.refrain.openai.Route;
import dev.refrain.upstream.Routes;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Where the requests for a model go, in the words of who reads them. Safe on any thread. */
final class Directions implements Function<String, Route> {
  private final Routes routes;
  private final Map<String, Route> byUpstream;

  Directions(List<UpstreamConfig> upstreams, Routes routes) {
    this.routes = routes;
    this.byUpstream =
        upstreams.stream().collect(Collectors.toMap(UpstreamConfig::name, Directions::route));
  }

  private static Route route(UpstreamConfig upstream) {
    return new Route(upstream.url().toString(), mode(upstream.fanout()));
  }

  private static Route.Mode mode(FanoutConfig.Mode mode) {
    return switch (mode) {
      case SPLIT -> Route.Mode.SPLIT;
      case NATIVE -> Route.Mode.NATIVE;
      case AUTO -> Route.Mode.AUTO;
    };
  }

  @Override
  public Route apply(String model) {
    return byUpstream.get(routes.of(model).name());
  }
}
