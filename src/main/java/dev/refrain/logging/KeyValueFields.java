package dev.refrain.logging;

import ch.qos.logback.classic.pattern.ClassicConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import java.util.List;
import org.slf4j.event.KeyValuePair;

/**
 * Formats the key-value pairs of a message, each as {@code name=value} after a space. A value that
 * could be read as more than one is in quotes, with a backslash before those it has itself: some of
 * them come from clients, which must not be able to add fields to the line. Source: logfmt.
 */
final class KeyValueFields extends ClassicConverter {
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
