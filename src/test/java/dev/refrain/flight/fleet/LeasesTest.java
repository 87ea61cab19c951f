package dev.refrain.flight.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.flight.fleet.Leases.Lease;
import dev.refrain.testing.FakeRequest;
import dev.refrain.testing.RedisFixture;
import dev.refrain.testing.TestLoop;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LeasesTest {
  private static final Buffer ITEM = Buffer.buffer("item");
  private static final Buffer LAST = Buffer.buffer("last");

  /** Redis' word for a key without an end, where others have milliseconds. */
  private static final long FOR_EVER = -1;

  private static RedisFixture redis;

  private final FleetFlight mine = flight();
  private final FleetFlight other = flight();
  private Replica replica;

  @BeforeAll
  static void startRedis() {
    redis = new RedisFixture();
  }

  @AfterAll
  static void stopRedis() {
    redis.close();
  }

  @BeforeEach
  void start() {
    redis.command(Request.cmd(Command.FLUSHALL));
    replica = new Replica(redis);
  }

  @AfterEach
  void stop() {
    replica.close();
  }

  @Test
  void whoComesFirstHoldsTheLeaseAndIsAloneAtFirst() {
    assertThat(claim(mine)).isEmpty();

    assertThat(tell(mine, 1)).isEqualTo(Lease.HELD);
    assertThat(renew(mine)).isEqualTo(Lease.HELD);
    assertThat(left(mine)).isPositive();
  }

  @Test
  void whoComesSecondIsToldWhomToFollowAndTheFirstThatItIsFollowed() {
    claim(mine);

    assertThat(claim(other)).contains(mine.token());
    assertThat(renew(mine)).isEqualTo(Lease.FOLLOWED);
    assertThat(tell(mine, 1)).isEqualTo(Lease.FOLLOWED);
    assertThat(tell(mine, 2)).isEqualTo(Lease.FOLLOWED);
  }

  @Test
  void whoHasNoLeaseCannotTell() {
    claim(mine);

    assertThat(tell(other, 1)).isEqualTo(Lease.LOST);
    assertThat(renew(other)).isEqualTo(Lease.LOST);
    assertThat(finish(other, 1, true)).isEqualTo(Lease.LOST);
    assertThat(left(other)).isZero();
    assertThat(redis.keys()).isEqualTo(1);
  }

  @Test
  void theNextLeaderIsNotTakenForFollowedBecauseTheLastOneWas() {
    claim(mine);
    claim(other);
    finish(mine, 1, false);

    assertThat(claim(other)).isEmpty();
    assertThat(renew(other)).isEqualTo(Lease.HELD);
  }

  @Test
  void whatIsToldLastIsNumberedOnAndGivesTheLeaseBack() {
    claim(mine);
    tell(mine, 1);

    assertThat(finish(mine, 2, false)).isEqualTo(Lease.HELD);
    assertThat(items(mine)).isEqualTo("[[1-0, [i, item]], [2-0, [i, item]], [3-0, [i, last]]]");
    assertThat(left(mine)).isZero();
  }

  @Test
  void nothingOfACallStaysAfterItsEnd() {
    claim(mine);
    finish(mine, 1, true);

    assertThat(left(mine)).isNotEqualTo(FOR_EVER).isLessThanOrEqualTo(1_000);
    assertThat(expiry(mine))
        .isNotEqualTo(FOR_EVER)
        .isLessThanOrEqualTo(2 * Replica.LEASE.toMillis());
  }

  private static String items(FleetFlight flight) {
    Request all = Request.cmd(Command.XRANGE).arg(flight.stream()).arg("-").arg("+");
    return redis.command(all).toString();
  }

  private static long expiry(FleetFlight flight) {
    return redis.command(Request.cmd(Command.PTTL).arg(flight.stream())).toLong();
  }

  private Optional<String> claim(FleetFlight flight) {
    return ask(leases -> leases.claim(flight));
  }

  private Lease renew(FleetFlight flight) {
    return ask(leases -> leases.renew(flight));
  }

  private Lease tell(FleetFlight flight, long number) {
    return ask(leases -> leases.publish(flight, number, ITEM));
  }

  private Lease finish(FleetFlight flight, long number, boolean followable) {
    return ask(leases -> leases.finish(flight, number, List.of(ITEM, LAST), followable));
  }

  private long left(FleetFlight flight) {
    return ask(leases -> leases.left(flight));
  }

  private <T> T ask(Function<Leases, Future<T>> what) {
    return TestLoop.join(replica.on(() -> what.apply(replica.leases)));
  }

  private static FleetFlight flight() {
    return FleetFlight.led("test", FakeRequest.fingerprint(1), 0, System.currentTimeMillis());
  }
}
