package dev.refrain.http;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Failure.Kind;
import dev.refrain.testing.LogLines;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FailureLogTest {
  private final LogLines lines = LogLines.of(FailureLog.class);
  private long now;
  private final FailureLog log = new FailureLog(() -> now);

  @AfterEach
  void stop() {
    lines.close();
  }

  @Test
  void theFirstOfAKindIsToldAtOnceAndSaysWhatToDo() {
    log.failed("r1", Failure.of(Kind.UPSTREAM_UNREACHABLE, "no connection").at("a"));
    assertThat(lines.messages())
        .containsExactly(
            "upstream a: no connection; check upstreams[].url, or run refrain doctor; request r1");
  }

  @Test
  void thoseThatFollowAreCountedAndToldWithTheNextLine() {
    for (int i = 0; i < 4; i++) {
      log.failed("r" + i, Failure.of(Kind.UPSTREAM_TIMEOUT, "late").at("a"));
    }
    now += TimeUnit.SECONDS.toNanos(10);
    log.failed("r9", Failure.of(Kind.UPSTREAM_TIMEOUT, "late").at("a"));
    assertThat(lines.messages()).hasSize(2);
    assertThat(lines.messages().get(1))
        .endsWith("; request r9 (and 3 more since the last such line)");
  }

  @Test
  void oneUpstreamDoesNotSilenceAnotherNorOneKindAnother() {
    log.failed("r1", Failure.of(Kind.UPSTREAM_TIMEOUT, "late").at("a"));
    log.failed("r2", Failure.of(Kind.UPSTREAM_TIMEOUT, "late").at("b"));
    log.failed("r3", Failure.of(Kind.UPSTREAM_BROKEN, "broke off").at("a"));
    log.failed("r4", Failure.of(Kind.OVERLOADED, "too many connections"));
    assertThat(lines.messages()).hasSize(4);
    assertThat(lines.messages().get(3)).contains("server.connections");
  }

  @Test
  void whatIsTheCallersIsNoTroubleOfTheOperators() {
    log.failed("r1", Failure.invalid("model", "missing"));
    log.failed("r2", Failure.of(Kind.CANCELLED, "left"));
    assertThat(lines.messages()).isEmpty();
  }

  @Test
  void aDefectIsToldByItsPlaceAndNotByItsWords() {
    log.failed("r1", Failure.from(new IllegalStateException("secret prompt")));
    ILoggingEvent line = lines.events().get(0);
    assertThat(line.getLevel()).isEqualTo(Level.ERROR);
    assertThat(ThrowableProxyUtil.asString(line.getThrowableProxy()))
        .contains("java.lang.IllegalStateException", "FailureLogTest")
        .doesNotContain("secret");
  }
}
