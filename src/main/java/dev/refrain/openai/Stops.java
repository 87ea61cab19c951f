package dev.refrain.openai;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.refrain.completion.Failure;
import java.io.IOException;

/** Reads {@code stop}: a string, or one to four of them. Written canonically as an array. */
final class Stops {
  private static final int MOST = 4;

  private Stops() {}

  static void read(JsonParser in, Canonical canonical) throws IOException {
    switch (in.currentToken()) {
      case VALUE_STRING -> {
        canonical.ascii("[");
        canonical.value(in);
      }
      case START_ARRAY -> array(in, canonical);
      default -> throw wrong();
    }
    canonical.ascii("]");
  }

  private static void array(JsonParser in, Canonical canonical) throws IOException {
    int count = 0;
    for (; in.nextToken() != JsonToken.END_ARRAY; count++) {
      if (in.currentToken() != JsonToken.VALUE_STRING) {
        throw wrong();
      }
      canonical.ascii(count == 0 ? "[" : ",");
      canonical.value(in);
    }
    if (count < 1 || count > MOST) {
      throw Failure.invalid("stop", count + " sequences (expected: 1 to " + MOST + ")");
    }
  }

  private static Failure wrong() {
    return Failure.invalid("stop", "must be a string or an array of strings");
  }
}
