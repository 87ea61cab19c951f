package dev.refrain.testing;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.CyclicBufferAppender;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.LoggerFactory;

/**
 * Prints the latest log of this JVM when a test or its preparation fails; that of tests which run
 * at the same time is among it. Registered for every test by {@code META-INF/services}.
 */
public final class LogOfFailures implements AfterEachCallback, AfterAllCallback {
  private static final String RECENT = "recent";

  @Override
  public void afterEach(ExtensionContext test) {
    printIfFailed(test);
  }

  @Override
  public void afterAll(ExtensionContext type) {
    printIfFailed(type);
  }

  private static void printIfFailed(ExtensionContext context) {
    if (context.getExecutionException().isEmpty()) {
      return;
    }
    Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    if (root.getAppender(RECENT) instanceof CyclicBufferAppender<ILoggingEvent> recent) {
      StringBuilder lines = new StringBuilder("Logged before " + context.getDisplayName());
      lines.append(" failed; older lines, and those of forked proxies, in target/test-logs:\n");
      for (int i = 0; i < recent.getLength(); i++) {
        line(recent.get(i), lines);
      }
      recent.reset();
      System.err.print(lines);
    }
  }

  private static void line(ILoggingEvent event, StringBuilder lines) {
    lines
        .append(event.getInstant())
        .append(' ')
        .append(event.getLevel())
        .append(' ')
        .append(event.getLoggerName())
        .append(" - ")
        .append(event.getFormattedMessage())
        .append('\n');
    if (event.getThrowableProxy() != null) {
      lines.append(ThrowableProxyUtil.asString(event.getThrowableProxy()));
    }
  }
}
