package dev.refrain.upstream;

import dev.refrain.inference.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** Which servers answer for a model. Immutable; what is known of the servers is not. */
public final class Routes {
  private final List<Upstream> upstreams;
  private final List<Tier> tiers;

  /** Routes to these servers, in the order configured. */
  public Routes(List<Upstream> upstreams) {
    this.upstreams = List.copyOf(upstreams);
    this.tiers = tiers(upstreams);
  }

  private static List<Tier> tiers(List<Upstream> upstreams) {
    TreeMap<Integer, List<Upstream>> tiers = new TreeMap<>();
    for (Upstream upstream : upstreams) {
      tiers
          .computeIfAbsent(upstream.upstreamSettings().priority(), p -> new ArrayList<>())
          .add(upstream);
    }
    return tiers.values().stream().map(Tier::new).toList();
  }

  /** Every server, in the order configured. */
  public List<Upstream> upstreams() {
    return upstreams;
  }

  /** The servers of a model; fails with {@code NO_SUCH_MODEL} if there is none. */
  Route of(String model) {
    List<Tier> serving = new ArrayList<>(tiers.size());
    for (Tier tier : tiers) {
      Tier those = tier.serving(model);
      if (!those.members().isEmpty()) {
        serving.add(those);
      }
    }
    return new Route(serving, first(model));
  }

  /** The first server of a model in the order configured; fails likewise. */
  public Upstream first(String model) {
    for (Upstream upstream : upstreams) {
      if (upstream.serves(model)) {
        return upstream;
      }
    }
    throw Failure.noSuchModel(model);
  }

  /** Takes a retry out of the budget of a model's servers; false if there is none. */
  public boolean takeRetry(String model) {
    return first(model).budget().withdraw();
  }

  /** Whether a caller's credentials are sent to any server of a model. */
  public boolean takesCredentials(String model) {
    for (Upstream upstream : upstreams) {
      if (upstream.serves(model) && upstream.target().takesCredentials()) {
        return true;
      }
    }
    return false;
  }

  /**
   * Distinguishes the answers of one set of servers from those of another: the address of the
   * first, and its own name for the model where that is another. All other servers of the model are
   * equivalent, by the operator's configuration.
   */
  public String place(String model) {
    Upstream first = first(model);
    String named = first.named(model);
    // No address holds a blank.
    return named.equals(model) ? first.address() : first.address() + " " + named;
  }
}
