package dev.refrain.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.redis.Replies.NoReply;
import dev.refrain.testing.LogLines;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.impl.types.ErrorType;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedisLogTest {
  private final LogLines lines = LogLines.of(RedisLog.class);
  private long now;
  private final RedisLog log = new RedisLog(() -> now);

  @AfterEach
  void stop() {
    lines.close();
  }

  @Test
  void manyConnectionsComeAndGoInOneLineEach() {
    log.opened();
    log.opened();
    log.up();
    log.up();
    log.lost("redis", "connection lost");
    log.lost("redis", "connection lost");
    log.failed("redis", "refused");
    log.up();
    log.up();

    assertThat(lines.messages())
        .containsExactly(
            "redis is reachable",
            "redis is not reachable: connection lost; continuing without it",
            "redis is reachable");
  }

  @Test
  void aServerThatIsNotWantedAnyMoreIsNotMissed() {
    log.opened();
    log.opened();
    log.up();
    log.up();
    log.lost("redis at a:1", "connection lost");
    log.closed(false);

    assertThat(lines.messages())
        .containsExactly(
            "redis is reachable",
            "redis at a:1 is not reachable: connection lost; continuing without it",
            "redis is reachable");
  }

  @Test
  void aKindOfRefusalIsSpokenOfOnceInTenMinutes() {
    refuse("NOPERM this user has no permissions to run the 'eval' command");
    refuse("NOPERM this user has no permissions to access one of the keys");
    refuse("WRONGTYPE Operation against a key holding the wrong kind of value");
    now += TimeUnit.MINUTES.toNanos(10);
    refuse("NOPERM this user has no permissions to run the 'eval' command");

    assertThat(lines.messages()).hasSize(3);
    assertThat(lines.messages().get(0))
        .startsWith("redis rejects EVAL (NOPERM): allow its user this");
    assertThat(lines.messages().get(1)).contains("WRONGTYPE", "cache.redis.prefix");
    assertThat(lines.messages().get(2)).isEqualTo(lines.messages().get(0));
  }

  @Test
  void whatRedisRepeatsOfACommandIsNotRepeated() {
    refuse("ERR unknown command `EVAL`, with args beginning with: `secret`,");
    refuse("ERR something about secret");

    assertThat(lines.messages()).hasSize(2).noneMatch(line -> line.contains("secret"));
  }

  @ParameterizedTest
  @CsvSource({
    "NOAUTH Authentication required.,NOAUTH",
    "OOM command not allowed when used memory > 'maxmemory'.,OOM",
    "MISCONF Redis is configured to save RDB snapshots,MISCONF",
    "READONLY You can't write against a read only replica.,READONLY",
    "'ERR Error running script (call to f_1): @user_script:1: WRONGTYPE Operation',WRONGTYPE",
    "ERR The user executing the script can't run this command or subcommand,NOPERM",
    "MOVED 1 127.0.0.1:1,MOVED",
    "CLUSTERDOWN Hash slot not served,CLUSTERDOWN",
    "ERR unknown command 'HELLO',UNKNOWN_COMMAND",
    "ERR whatever,OTHER"
  })
  void eachKindIsKnownByItsFirstWordOrAScripts(String message, RedisError kind) {
    assertThat(RedisError.of(ErrorType.create(message))).isEqualTo(kind);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"LOADING Redis is loading", "BUSY a script", "TRYAGAIN", "CONNECTION_CLOSED"})
  void whatPassesByItselfIsNotSpokenOf(String message) {
    refuse(message);
    log.refused(Command.EVAL, NoReply.DOWN);

    assertThat(lines.messages()).isEmpty();
  }

  private void refuse(String message) {
    log.refused(Command.EVAL, ErrorType.create(message));
  }
}
