package dev.refrain.scenario;

import dev.refrain.testing.Dialect;
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
          Dialect dialect = dialect(model, i);
          String body = client.postTo(dialect.path(), question).answer().text();
          texts.put(model + i, dialect.text(body));
        }
      }
    }
  }

  /** Where a question is asked. Embeddings know no mishaps. */
  static Dialect dialect(String model, int number) {
    Dialect dialect = Dialect.values()[number % Dialect.values().length];
    return dialect.streams() || model.equals("m") ? dialect : Dialect.CHAT;
  }

  /** A question; the longest have answers too large to be kept. */
  static String question(String model, int number, String further) {
    Dialect dialect = dialect(model, number);
    String question = dialect.asking("soak " + number).replace("\"m\"", "\"" + model + "\"");
    String rest =
        dialect.streams()
            ? ",\"max_tokens\":" + (5 + number * 4) + further
            : ",\"encoding_format\":\"base64\"";
    return question.substring(0, question.length() - 1) + rest + "}";
  }

  /** The text of a model that gives one. */
  String text(String model, int number) {
    return texts.get(model + number);
  }
}
