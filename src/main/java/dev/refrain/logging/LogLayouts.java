package dev.refrain.logging;

import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.pattern.ClassicConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Context;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import co.elastic.logging.JsonUtils;
import co.elastic.logging.logback.EcsEncoder;
import java.util.List;
import org.slf4j.event.KeyValuePair;

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

  /**
   * A message as a line of JSON, with the names of the Elastic Common Schema; what is added to a
   * message as key and value becomes a member of its own. Source: Elastic, "ECS logging".
   */
  private static final class JsonEncoder extends EcsEncoder {
    JsonEncoder() {
      setServiceName("refrain");
    }

    @Override
    protected void addCustomFields(ILoggingEvent event, StringBuilder line) {
      List<KeyValuePair> pairs = event.getKeyValuePairs();
      if (pairs == null) {
        return;
      }
      for (KeyValuePair pair : pairs) {
        line.append('"').append(pair.key).append("\":");
        value(pair.value, line);
        line.append(',');
      }
    }

    private static void value(Object value, StringBuilder line) {
      if (value instanceof Number || value instanceof Boolean) {
        line.append(value);
      } else {
        line.append('"');
        JsonUtils.quoteAsString(String.valueOf(value), line);
        line.append('"');
      }
    }
  }

  /**
   * Formats the key-value pairs of a message, each as {@code name=value} after a space. A value
   * that could be read as more than one is in quotes, with a backslash before those it has itself:
   * some of them come from clients, which must not be able to add fields to the line. Source:
   * logfmt.
   */
  private static final class KeyValueFields extends ClassicConverter {
    @Override
    public String convert(ILoggingEvent event) {
      List<KeyValuePair> pairs = event.getKeyValuePairs();
      if (pairs == null) {
        return "";
      }
      StringBuilder line = new StringBuilder();
      for (KeyValuePair pair : pairs) {
        line.append(' ').append(pair.key).append('=');
        value(String.valueOf(pair.value), line);
      }
      return line.toString();
    }

    private static void value(String value, StringBuilder line) {
      if (!value.isEmpty() && value.chars().allMatch(KeyValueFields::isPlain)) {
        line.append(value);
      } else {
        line.append('"').append(value.replace("\\", "\\\\").replace("\"", "\\\"")).append('"');
      }
    }

    private static boolean isPlain(int c) {
      return c > ' ' && c < 0x7F && c != '"' && c != '=';
    }
  }
}
