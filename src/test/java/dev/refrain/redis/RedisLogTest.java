package dev.refrain.redis;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.refrain.redis.Replies.NoReply;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.impl.types.ErrorType;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class RedisLogTest {
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger(RedisLog.class);
  private long now;
  private final RedisLog log = new RedisLog(() -> now);

  @BeforeEach
  void listen() {
    lines.start();
    logger.setLevel(Level.INFO);
    logger.setAdditive(false);
    logger.addAppender(lines);
  }

  @AfterEach
  void stop() {
    logger.detachAppender(lines);
    logger.setLevel(null);
    logger.setAdditive(true);
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

    assertThat(said())
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

    assertThat(said())
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

    assertThat(said()).hasSize(3);
    assertThat(said().get(0)).startsWith("redis rejects EVAL (NOPERM): allow its user this");
    assertThat(said().get(1)).contains("WRONGTYPE", "cache.redis.prefix");
    assertThat(said().get(2)).isEqualTo(said().get(0));
  }

  @Test
  void whatRedisRepeatsOfACommandIsNotRepeated() {
    refuse("ERR unknown command `EVAL`, with args beginning with: `secret`,");
    refuse("ERR something about secret");

    assertThat(said()).hasSize(2).noneMatch(line -> line.contains("secret"));
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

    assertThat(said()).isEmpty();
  }

  private void refuse(String message) {
    log.refused(Command.EVAL, ErrorType.create(message));
  }

  private List<String> said() {
    return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }
}
