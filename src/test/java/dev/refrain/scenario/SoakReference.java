package dev.refrain.scenario;

import dev.refrain.testing.Examples;
import dev.refrain.testing.RawClient;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The few questions of a soak, and what the upstream itself answers to them. */
final class SoakReference {
  /** How many questions there are. */
  static final int QUESTIONS = 24;

  private final Map<String, String> texts = new HashMap<>();

  SoakReference(int upstreamPort) throws IOException {
    for (int i = 0; i < QUESTIONS; i++) {
      for (String model : List.of("m", "error-done")) {
        String question = question(model, i, "");
        try (RawClient client = new RawClient(upstreamPort)) {
          texts.put(model + i, Examples.text(client.post(question).answer().text()));
        }
      }
    }
  }

  /** A question; the longest have answers too large to be kept. */
  static String question(String model, int number, String further) {
    return "{\"model\":\"%s\",\"prompt\":\"soak %d\",\"temperature\":0,\"max_tokens\":%d%s}"
        .formatted(model, number, 5 + number * 4, further);
  }

  /** The text of a model that gives one. */
  String text(String model, int number) {
    return texts.get(model + number);
  }
}
