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
  private final Map<String, Route.Mode> modes;

  Directions(List<UpstreamConfig> upstreams, Routes routes) {
    this.routes = routes;
    this.modes =
        upstreams.stream()
            .collect(Collectors.toMap(UpstreamConfig::name, upstream -> mode(upstream.fanout())));
  }

  private static Route.Mode mode(FanoutConfig.Mode mode) {
    return switch (mode) {
      case SPLIT -> Route.Mode.SPLIT;
      case BATCH -> Route.Mode.BATCH;
      case NATIVE -> Route.Mode.NATIVE;
      case AUTO -> Route.Mode.AUTO;
    };
  }

  @Override
  public Route apply(String model) {
    return new Route(routes.place(model), modes.get(routes.first(model).name()));
  }
}
