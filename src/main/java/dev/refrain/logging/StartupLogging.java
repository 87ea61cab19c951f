package dev.refrain.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;

/**
 * Logging of commands, and of {@code serve} until its configuration is read: plain, at {@code
 * info}, on stderr. In code rather than in a file, because reading XML is a good part of a start.
 * Found by Logback through {@code META-INF/services}.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_HIGH_PRIORITY)
public final class StartupLogging extends ContextAwareBase implements Configurator {
  /** Logback's own property for its own file. */
  private static final String FILE = "logback.configurationFile";

  /** The file of tests. */
  private static final String TEST_FILE = "logback-test.xml";

  /** Made by Logback. */
  public StartupLogging() {}

  static boolean isLeftToTheOperator() {
    return System.getProperty(FILE) != null;
  }

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    if (isLeftToTheOperator() || getClass().getClassLoader().getResource(TEST_FILE) != null) {
      return ExecutionStatus.INVOKE_NEXT_IF_ANY;
    }
    ConsoleAppender<ILoggingEvent> stderr = new ConsoleAppender<>();
    stderr.setContext(context);
    stderr.setTarget("System.err");
    stderr.setEncoder(LogLayouts.encoder(Logging.Format.PLAIN, context));
    stderr.start();
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.INFO);
    root.addAppender(stderr);
    Logging.quieten(context);
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }
}
