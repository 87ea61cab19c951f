package dev.refrain.upstream;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntUnaryOperator;
import java.util.function.Predicate;

/**
 * The servers of one model, and which of them to call next. Made for one request.
 *
 * @param tiers by priority, each with one server at least
 * @param first in the order configured
 */
record Route(List<Tier> tiers, Upstream first) {
  private static final IntUnaryOperator RANDOM =
      bound -> ThreadLocalRandom.current().nextInt(bound);

  /** The first choice: a healthy server, or one on trial. */
  Optional<Upstream> begin(Set<Upstream> without) {
    Predicate<Upstream> admitting = each -> !without.contains(each) && each.health().admits();
    return pick(admitting.and(each -> !each.limit().isFull())).or(() -> pick(admitting));
  }

  /**
   * The choice when no server is healthy: one that at least responds, because its error is an
   * answer; otherwise any, because its state may be outdated, and a request that works without
   * Refrain must work with it.
   */
  Upstream lastResort() {
    return pick(each -> !each.health().isMute()).or(() -> pick(each -> true)).orElse(first);
  }

  /** The server to try instead of those that failed. A second failure starts no trial. */
  Optional<Upstream> other(Set<Upstream> tried) {
    return pick(each -> !tried.contains(each) && isWell(each));
  }

  /** The server to try once more. */
  Optional<Upstream> again() {
    return pick(Route::isWell);
  }

  private static boolean isWell(Upstream upstream) {
    return upstream.health().isClosed() && !upstream.limit().isFull();
  }

  private Optional<Upstream> pick(Predicate<Upstream> eligible) {
    for (Tier tier : tiers) {
      Optional<Upstream> picked = tier.pick(eligible, RANDOM);
      if (picked.isPresent()) {
        return picked;
      }
    }
    return Optional.empty();
  }
}
