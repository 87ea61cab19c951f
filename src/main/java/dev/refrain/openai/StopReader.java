package dev.refrain.openai;

import com.fasterxml.jackson.core.JsonToken;
import dev.refrain.inference.Failure;
import dev.refrain.json.Canonical;
import dev.refrain.json.JsonTokens;
import java.io.IOException;

/** Reads {@code stop}: a string, or several. Written canonically as an array. */
final class StopReader {
  private StopReader() {}

  /** Reads them; false if there are none, which is the same as no field. */
  static boolean read(JsonTokens in, Field field, Canonical canonical) throws IOException {
    switch (in.currentToken()) {
      case VALUE_STRING -> {
        canonical.ascii("[");
        canonical.value(in);
        canonical.ascii("]");
        return true;
      }
      case START_ARRAY -> {
        return array(in, field.max().intValueExact(), canonical) > 0;
      }
      default -> throw wrong();
    }
  }

  private static int array(JsonTokens in, int most, Canonical canonical) throws IOException {
    int count = 0;
    for (; in.nextToken() != JsonToken.END_ARRAY; count++) {
      if (in.currentToken() != JsonToken.VALUE_STRING) {
        throw wrong();
      }
      canonical.ascii(count == 0 ? "[" : ",");
      canonical.value(in);
    }
    if (count > most) {
      throw Failure.invalid("stop", count + " sequences (expected: at most " + most + ")");
    }
    canonical.ascii("]");
    return count;
  }

  private static Failure wrong() {
    return Failure.invalid("stop", "must be a string or an array of strings");
  }
}
