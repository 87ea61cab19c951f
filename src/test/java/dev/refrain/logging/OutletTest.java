package dev.refrain.logging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

@Timeout(30)
class OutletTest {
  private final LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
  private final Pipe pipe = new Pipe();

  @Test
  void whatIsSaidIsWrittenSoonAndInItsOrder() {
    try (Closing closing = new Closing(outlet(100))) {
      closing.outlet.doAppend(event("one"));
      closing.outlet.doAppend(event("two"));
      await().until(() -> pipe.text().lines().count() == 2);
      assertThat(pipe.text()).containsSubsequence("one", "two");
      assertThat(closing.outlet.dropped()).isZero();
    }
  }

  @Test
  void nobodyWaitsForAReaderThatTakesNothingAndWhatFindsNoRoomIsCounted() {
    pipe.hold();
    Outlet outlet = outlet(10);
    outlet.doAppend(event("first"));
    await().until(pipe::isHeld);
    for (int i = 0; i < 30; i++) {
      outlet.doAppend(event("more"));
    }
    assertThat(outlet.dropped()).isEqualTo(20);
    pipe.release();
    outlet.close(Duration.ofSeconds(20));
    assertThat(pipe.text().lines()).hasSize(11);
  }

  @Test
  void closingWritesWhatWaitsButNotForEver() {
    pipe.hold();
    Outlet outlet = outlet(10);
    outlet.doAppend(event("first"));
    await().until(pipe::isHeld);
    outlet.close(Duration.ofMillis(10));
    assertThat(pipe.text()).isEmpty();
    pipe.release();
  }

  @Test
  void afterClosingNothingIsTaken() {
    Outlet outlet = outlet(10);
    outlet.close(Duration.ofSeconds(20));
    outlet.doAppend(event("late"));
    assertThat(pipe.text()).isEmpty();
  }

  private record Closing(Outlet outlet) implements AutoCloseable {
    @Override
    public void close() {
      outlet.close(Duration.ofSeconds(20));
    }
  }

  private Outlet outlet(int room) {
    Outlet outlet = new Outlet(pipe, Lines.encoder(Logging.Format.PLAIN, context), room);
    outlet.setContext(context);
    outlet.start();
    return outlet;
  }

  private ILoggingEvent event(String message) {
    Logger logger = context.getLogger("test");
    return new LoggingEvent("test", logger, Level.INFO, message, null, null);
  }

  /** A reader that can stop taking. */
  private static final class Pipe extends OutputStream {
    private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
    private final CountDownLatch reached = new CountDownLatch(1);
    private volatile CountDownLatch gate = new CountDownLatch(0);

    void hold() {
      gate = new CountDownLatch(1);
    }

    boolean isHeld() {
      return reached.getCount() == 0;
    }

    void release() {
      gate.countDown();
    }

    synchronized String text() {
      return taken.toString(UTF_8);
    }

    @Override
    public void write(int one) {
      write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int count) {
      reached.countDown();
      boolean open = false;
      while (!open) {
        try {
          gate.await();
          open = true;
        } catch (InterruptedException closing) {
          // a pipe does not care
        }
      }
      synchronized (this) {
        taken.write(bytes, from, count);
      }
    }
  }
}
