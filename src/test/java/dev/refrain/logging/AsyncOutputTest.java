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
class AsyncOutputTest {
  private final LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
  private final Pipe pipe = new Pipe();

  @Test
  void whatIsSaidIsWrittenSoonAndInItsOrder() {
    try (Closing closing = new Closing(asyncOutput(100))) {
      closing.asyncOutput.doAppend(event("one"));
      closing.asyncOutput.doAppend(event("two"));
      await().until(() -> pipe.text().lines().count() == 2);
      assertThat(pipe.text()).containsSubsequence("one", "two");
      assertThat(closing.asyncOutput.dropped()).isZero();
    }
  }

  @Test
  void nobodyWaitsForAReaderThatTakesNothingAndWhatFindsNoRoomIsCounted() {
    pipe.hold();
    AsyncOutput asyncOutput = asyncOutput(10);
    asyncOutput.doAppend(event("first"));
    await().until(pipe::isHeld);
    for (int i = 0; i < 30; i++) {
      asyncOutput.doAppend(event("more"));
    }
    assertThat(asyncOutput.dropped()).isEqualTo(20);
    pipe.release();
    asyncOutput.close(Duration.ofSeconds(20));
    assertThat(pipe.text().lines()).hasSize(11);
  }

  @Test
  void closingWritesWhatWaitsButNotForEver() {
    pipe.hold();
    AsyncOutput asyncOutput = asyncOutput(10);
    asyncOutput.doAppend(event("first"));
    await().until(pipe::isHeld);
    asyncOutput.close(Duration.ofMillis(10));
    assertThat(pipe.text()).isEmpty();
    pipe.release();
  }

  @Test
  void afterClosingNothingIsTaken() {
    AsyncOutput asyncOutput = asyncOutput(10);
    asyncOutput.close(Duration.ofSeconds(20));
    asyncOutput.doAppend(event("late"));
    assertThat(pipe.text()).isEmpty();
  }

  private record Closing(AsyncOutput asyncOutput) implements AutoCloseable {
    @Override
    public void close() {
      asyncOutput.close(Duration.ofSeconds(20));
    }
  }

  private AsyncOutput asyncOutput(int room) {
    AsyncOutput asyncOutput =
        new AsyncOutput(pipe, LogLayouts.encoder(Logging.Format.PLAIN, context), room);
    asyncOutput.setContext(context);
    asyncOutput.start();
    return asyncOutput;
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
