package dev.refrain.fuzz;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/** Every exception that is logged, and every error, as long as it is open. */
final class LoggedDefects implements AutoCloseable {
  private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  private final List<String> seen = new CopyOnWriteArrayList<>();
  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          boolean warned = event.getLevel().isGreaterOrEqual(Level.WARN);
          if (warned && event.getThrowableProxy() != null || event.getLevel() == Level.ERROR) {
            String thrown =
                event.getThrowableProxy() == null
                    ? ""
                    : event.getThrowableProxy().getClassName()
                        + " "
                        + event.getThrowableProxy().getMessage();
            seen.add(event.getLoggerName() + ": " + event.getFormattedMessage() + " " + thrown);
          }
        }
      };

  LoggedDefects() {
    appender.setContext(root.getLoggerContext());
    appender.start();
    root.addAppender(appender);
  }

  List<String> seen() {
    return seen;
  }

  @Override
  public void close() {
    root.detachAppender(appender);
    appender.stop();
  }
}
