package dev.refrain.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import dev.refrain.rules.RuleSettings.Temperature;
import java.io.IOException;

/** Conditions on the temperature: {@code absent}, {@code present} or <code>{atMost: 0.2}</code>. */
final class Temperatures extends StdDeserializer<Temperature> {
  private static final long serialVersionUID = 1L;

  Temperatures() {
    super(Temperature.class);
  }

  @Override
  public Temperature deserialize(JsonParser parser, DeserializationContext context)
      throws IOException {
    JsonNode node = context.readTree(parser);
    if (node.isTextual() && node.textValue().equalsIgnoreCase("absent")) {
      return Temperature.ABSENT;
    }
    if (node.isTextual() && node.textValue().equalsIgnoreCase("present")) {
      return Temperature.PRESENT;
    }
    JsonNode atMost = node.path("atMost");
    if (node.size() != 1 || !atMost.isNumber() || !Temperature.isBound(atMost.decimalValue())) {
      return context.reportInputMismatch(this, "not a condition on the temperature");
    }
    return Temperature.atMost(atMost.decimalValue());
  }
}
