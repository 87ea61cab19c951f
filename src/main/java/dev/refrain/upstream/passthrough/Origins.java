package dev.refrain.upstream.passthrough;

import dev.refrain.inference.Glob;
import dev.refrain.upstream.Target;
import dev.refrain.upstream.passthrough.PassThrough.Origin;
import java.util.List;

/** Which server a path goes to: the first that lists it, else the first of all. */
final class Origins {
  private record Rule(List<Glob> paths, Target target) {
    boolean serves(String path) {
      return paths.stream().anyMatch(glob -> glob.matches(path));
    }
  }

  private final List<Rule> rules;

  /** Servers in the order in which they are tried; at least one. */
  Origins(List<Origin> origins) {
    rules =
        origins.stream()
            .map(
                origin ->
                    new Rule(origin.paths().stream().map(Glob::new).toList(), origin.target()))
            .toList();
  }

  /** The server for a path, its query not counted. */
  Target of(RequestTarget asked) {
    for (Rule rule : rules) {
      if (rule.serves(asked.path())) {
        return rule.target;
      }
    }
    return rules.get(0).target;
  }
}
