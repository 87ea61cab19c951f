package dev.refrain.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.time.Duration;
import org.slf4j.LoggerFactory;

/**
 * The loggers of a process that serves: their level, their form, and a queue between them and
 * stderr. One for a process, safe on any thread.
 *
 * <p>An operator who hands in a file of Logback's own ({@code -Dlogback.configurationFile}) is the
 * master of all of it.
 */
public final class Logging implements AutoCloseable {
  /** The logger of requests; on at any level, because a setting of its own switches it on. */
  public static final String ACCESS = "dev.refrain.access";

  private static final String OURS = "dev.refrain";
  private static final int ROOM = 8192;
  private static final Duration LAST_WORDS = Duration.ofSeconds(1);

  private final AsyncOutput asyncOutput;

  private Logging(AsyncOutput asyncOutput) {
    this.asyncOutput = asyncOutput;
  }

  /** Layout of a log message. */
  public enum Format {
    /** For people: time, level, thread, logger, message, and fields as {@code name=value}. */
    PLAIN,
    /** For machines: a line of JSON with the names of the Elastic Common Schema. */
    JSON
  }

  /**
   * Takes the loggers over.
   *
   * @param level the least severe that is said, by Logback's name for it
   */
  public static Logging begin(String level, Format format) {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    if (StartupLogging.isLeftToTheOperator()) {
      return new Logging(null);
    }
    AsyncOutput asyncOutput = new AsyncOutput(stderr(), LogLayouts.encoder(format, context), ROOM);
    take(context, Level.toLevel(level), asyncOutput);
    return new Logging(asyncOutput);
  }

  private static void take(LoggerContext context, Level level, AsyncOutput asyncOutput) {
    asyncOutput.setContext(context);
    asyncOutput.start();
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.detachAndStopAllAppenders();
    root.addAppender(asyncOutput);
    root.setLevel(louder(level, Level.INFO));
    context.getLogger(OURS).setLevel(level);
    context.getLogger(ACCESS).setLevel(level == Level.OFF ? level : Level.INFO);
    quieten(context);
  }

  /** Warns of gauges that one registry shares between event loops, which is harmless. */
  static void quieten(LoggerContext context) {
    context.getLogger("io.micrometer.core.instrument.MeterRegistry").setLevel(Level.ERROR);
  }

  private static Level louder(Level one, Level other) {
    return one.isGreaterOrEqual(other) ? one : other;
  }

  // The descriptor itself: a PrintStream would be flushed and locked for every line.
  private static OutputStream stderr() {
    return new FileOutputStream(FileDescriptor.err);
  }

  /** Messages that found no room, since the process began. */
  public long dropped() {
    return asyncOutput == null ? 0 : asyncOutput.dropped();
  }

  /** Writes the remaining messages, for a second at most. */
  @Override
  public void close() {
    if (asyncOutput != null) {
      asyncOutput.close(LAST_WORDS);
    }
  }
}
