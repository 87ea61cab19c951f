package dev.refrain.binding;

import dev.refrain.config.UpstreamConfig;
import dev.refrain.openai.ModelRoute;
import dev.refrain.upstream.Routes;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Maps each model to its upstreams and fan-out mode, for the request reader. Safe on any thread.
 */
public final class ModelRoutes implements Function<String, ModelRoute> {
  private final Routes routes;
  private final Map<String, ModelRoute.Mode> modes;

  public ModelRoutes(List<UpstreamConfig> upstreams, Routes routes) {
    this.routes = routes;
    this.modes =
        upstreams.stream().collect(Collectors.toMap(UpstreamConfig::name, UpstreamConfig::fanout));
  }

  @Override
  public ModelRoute apply(String model) {
    return new ModelRoute(
        routes.place(model), modes.get(routes.first(model).name()), routes.takesCredentials(model));
  }
}
