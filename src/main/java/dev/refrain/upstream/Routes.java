package dev.refrain.upstream;

import dev.refrain.completion.Failure;
import java.util.List;

/** Which server answers for a model: the first one, in the order configured, that names it. */
public final class Routes {
  private record Route(List<Glob> models, Target target) {
    boolean serves(String model) {
      return models.isEmpty() || models.stream().anyMatch(glob -> glob.matches(model));
    }
  }

  private final List<Route> routes;

  /** Routes in the order in which they are tried. */
  public Routes(List<Target> targets) {
    routes =
        targets.stream()
            .map(target -> new Route(target.models().stream().map(Glob::new).toList(), target))
            .toList();
  }

  /** The server for a model; fails with {@code NO_SUCH_MODEL} if there is none. */
  public Target of(String model) {
    for (Route route : routes) {
      if (route.serves(model)) {
        return route.target;
      }
    }
    throw Failure.noSuchModel(model);
  }

  /** What tells answers of one server from those of another: its address. */
  public String place(String model) {
    return of(model).url().toString();
  }
}
