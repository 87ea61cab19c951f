package dev.refrain.logging;

import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Context;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;

/** The forms of a message. */
final class LogLayouts {
  // A line break within a message would let its author forge a line of the log, and other controls
  // would talk to the terminal.
  private static final String PLAIN =
      "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX,UTC} %-5level [%thread] %logger{24} - "
          + "%replace(%msg%fields){'[\\p{Cc}]+', ' '}%n";

  private LogLayouts() {}

  /** An encoder that has begun. */
  static Encoder<ILoggingEvent> encoder(Logging.Format format, Context context) {
    Encoder<ILoggingEvent> encoder =
        switch (format) {
          case PLAIN -> plain(context);
          case JSON -> new JsonEncoder();
        };
    encoder.setContext(context);
    encoder.start();
    return encoder;
  }

  private static Encoder<ILoggingEvent> plain(Context context) {
    PatternLayout layout = new PatternLayout();
    layout.getInstanceConverterMap().put("fields", KeyValueFields::new);
    layout.setContext(context);
    layout.setPattern(PLAIN);
    layout.start();
    LayoutWrappingEncoder<ILoggingEvent> encoder = new LayoutWrappingEncoder<>();
    encoder.setLayout(layout);
    return encoder;
  }
}
