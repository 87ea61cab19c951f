package dev.refrain.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class TierTest {
  private final Servers servers = new Servers();
  private final Random random = new Random(7);

  @Test
  void idleServersGetCallsByTheirWeight() {
    Map<String, Integer> picked =
        pick(new Tier(List.of(servers.upstream("a", 1, 0), servers.upstream("b", 3, 0))), 4000);
    assertThat(picked.get("a")).isBetween(850, 1150);
    assertThat(picked.get("b")).isBetween(2850, 3150);
  }

  @Test
  void ofTwoTheOneWithLessToDoIsAsked() {
    Upstream busy = servers.upstream("busy");
    busy.limit().permit(ConcurrencyLimitTest.waiter(1, () -> {})).take();
    Tier tier = new Tier(List.of(busy, servers.upstream("idle")));
    assertThat(pick(tier, 100)).containsOnlyKeys("idle");
  }

  @Test
  void whatThereIsToDoCountsByWeight() {
    Upstream heavy = servers.upstream("heavy", 3, 0);
    Upstream light = servers.upstream("light", 1, 0);
    heavy.limit().permit(ConcurrencyLimitTest.waiter(1, () -> {})).take();
    heavy.limit().permit(ConcurrencyLimitTest.waiter(1, () -> {})).take();
    light.limit().permit(ConcurrencyLimitTest.waiter(1, () -> {})).take();
    assertThat(pick(new Tier(List.of(light, heavy)), 100)).containsOnlyKeys("heavy");
  }

  @Test
  void aRecentFailureCountsLikeCallsUnderWay() {
    Upstream failing = servers.upstream("failing");
    failing.health().failed(false);
    Upstream busy = servers.upstream("busy");
    busy.limit().permit(ConcurrencyLimitTest.waiter(1, () -> {})).take();
    busy.limit().permit(ConcurrencyLimitTest.waiter(1, () -> {})).take();
    assertThat(pick(new Tier(List.of(failing, busy)), 100)).containsOnlyKeys("busy");
  }

  @Test
  void theBusiestOfThreeIsNeverAsked() {
    Upstream busy = servers.upstream("busy");
    busy.limit().permit(ConcurrencyLimitTest.waiter(1, () -> {})).take();
    Tier tier = new Tier(List.of(servers.upstream("a"), busy, servers.upstream("b")));
    assertThat(pick(tier, 1000)).containsOnlyKeys("a", "b");
  }

  @Test
  void onlyWhoIsEligibleIsAsked() {
    Tier tier = new Tier(List.of(servers.upstream("a"), servers.upstream("b")));
    assertThat(tier.pick(each -> each.name().equals("b"), random::nextInt))
        .map(Upstream::name)
        .contains("b");
    assertThat(tier.pick(each -> false, random::nextInt)).isEmpty();
  }

  private Map<String, Integer> pick(Tier tier, int times) {
    Map<String, Integer> picked = new TreeMap<>();
    for (int i = 0; i < times; i++) {
      Upstream one = tier.pick(each -> true, random::nextInt).orElseThrow();
      picked.merge(one.name(), 1, Integer::sum);
    }
    return picked;
  }
}
