package dev.refrain.upstream;

import dev.refrain.completion.Failure;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Which server answers for a model: the first one, in the order configured, that names it. */
public final class Routes {
  private record Route(List<Pattern> models, Target target) {
    boolean serves(String model) {
      return models.isEmpty() || models.stream().anyMatch(glob -> glob.matcher(model).matches());
    }
  }

  private final List<Route> routes;

  /** Routes in the order in which they are tried. */
  public Routes(List<Target> targets) {
    routes =
        targets.stream()
            .map(target -> new Route(target.models().stream().map(Routes::glob).toList(), target))
            .toList();
  }

  /** The server for a model; fails with {@code NOT_FOUND} if there is none. */
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

  private static Pattern glob(String glob) {
    String regex = glob.codePoints().mapToObj(Routes::regex).collect(Collectors.joining());
    return Pattern.compile(regex, Pattern.DOTALL);
  }

  private static String regex(int point) {
    return switch (point) {
      case '*' -> ".*";
      case '?' -> ".";
      default -> Pattern.quote(Character.toString(point));
    };
  }
}
