package dev.refrain.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import co.elastic.logging.JsonUtils;
import co.elastic.logging.logback.EcsEncoder;
import java.util.List;
import org.slf4j.event.KeyValuePair;

/**
 * A message as a line of JSON, with the names of the Elastic Common Schema; what is added to a
 * message as key and value becomes a member of its own. Source: Elastic, "ECS logging".
 */
final class JsonEncoder extends EcsEncoder {
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
