package dev.refrain.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import java.io.IOException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write them: {@code 25ms}, {@code 10s}, {@code 5m}, {@code 24h}. */
final class Durations extends StdDeserializer<Duration> {
  private static final long serialVersionUID = 1L;
  // Nine digits of days stay far from the end of a long of milliseconds.
  private static final Pattern WRITTEN = Pattern.compile("(\\d{1,9}) ?(ms|s|m|h|d)");

  Durations() {
    super(Duration.class);
  }

  @Override
  public Duration deserialize(JsonParser parser, DeserializationContext context)
      throws IOException {
    if (!parser.hasToken(JsonToken.VALUE_STRING)) {
      return (Duration) context.handleUnexpectedToken(Duration.class, parser);
    }
    Matcher written = WRITTEN.matcher(parser.getText());
    if (!written.matches()) {
      return (Duration)
          context.handleWeirdStringValue(Duration.class, parser.getText(), "not a duration");
    }
    return Duration.of(Long.parseLong(written.group(1)), unit(written.group(2)));
  }

  private static ChronoUnit unit(String unit) {
    return switch (unit) {
      case "ms" -> ChronoUnit.MILLIS;
      case "s" -> ChronoUnit.SECONDS;
      case "m" -> ChronoUnit.MINUTES;
      case "h" -> ChronoUnit.HOURS;
      default -> ChronoUnit.DAYS;
    };
  }
}
