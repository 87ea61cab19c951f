package dev.refrain.upstream;

import java.util.List;
import java.util.Optional;
import java.util.function.IntUnaryOperator;
import java.util.function.Predicate;

/**
 * Servers of one priority. Of two drawn at random, each as likely as it is heavy, the one with less
 * to do is asked (power of two choices, weighted): as even as looking at all of them, without
 * sending all calls to the server that looks idle.
 *
 * <p>Source: Mitzenmacher, The Power of Two Choices in Randomized Load Balancing (2001).
 */
record Tier(List<Upstream> members) {

  /** Those of them that serve a model. */
  Tier serving(String model) {
    List<Upstream> serving = those(upstream -> upstream.serves(model));
    return serving == members ? this : new Tier(serving);
  }

  /**
   * One of those that are eligible.
   *
   * @param random from a bound to a number from 0 to below it
   */
  Optional<Upstream> pick(Predicate<Upstream> eligible, IntUnaryOperator random) {
    List<Upstream> left = those(eligible);
    if (left.size() < 2) {
      return left.isEmpty() ? Optional.empty() : Optional.of(left.get(0));
    }
    Upstream one = draw(left, random);
    Upstream other = draw(left.stream().filter(each -> each != one).toList(), random);
    return Optional.of(other.load() < one.load() ? other : one);
  }

  // Nearly always all of them, and then nothing is made: every call comes here, more than once.
  private List<Upstream> those(Predicate<Upstream> eligible) {
    for (Upstream each : members) {
      if (!eligible.test(each)) {
        return members.stream().filter(eligible).toList();
      }
    }
    return members;
  }

  private static Upstream draw(List<Upstream> from, IntUnaryOperator random) {
    int at =
        random.applyAsInt(from.stream().mapToInt(each -> each.upstreamSettings().weight()).sum());
    for (Upstream each : from) {
      at -= each.upstreamSettings().weight();
      if (at < 0) {
        return each;
      }
    }
    throw new IllegalStateException("random number out of its bound");
  }
}
