package dev.refrain.scenario;

import dev.refrain.testing.Dialect;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * One request of {@link FanOutModelTest}. What is null is absent; what is spelled in several ways
 * is spelled by {@code number}.
 *
 * @param dialect where it is sent
 * @param prompts as JSON
 * @param listed whether a single prompt stands in an array
 * @param candidates whether {@code best_of} is given, equal to {@code n}
 * @param control {@code Cache-Control}
 * @param force {@code X-Refrain-Cache: force}
 */
record Ask(
    int number,
    Dialect dialect,
    String caller,
    List<String> prompts,
    boolean listed,
    int n,
    boolean candidates,
    String temperature,
    Integer seed,
    String flavour,
    boolean stream,
    boolean usage,
    String control,
    boolean force) {

  /**
   * What is looked up and kept. Samples without a seed are told apart by their number alone; all
   * others by what they ask for.
   */
  record Key(AskedCall call, int sample) {}

  /** A call, and the indexes of the choices that its answer becomes. */
  record Part(int number, int prompt, Key key, List<Integer> indexes) {
    AskedCall call() {
      return key.call();
    }

    UpstreamFault upstreamFault() {
      return call().upstreamFault();
    }
  }

  /** The name by which the upstream knows whose call it got. */
  String tag() {
    return "ask-" + number;
  }

  boolean deterministic() {
    return isBatch() || isCold();
  }

  /** Whether what is missing of it is asked for in one call. */
  boolean isBatch() {
    return dialect == Dialect.EMBEDDINGS;
  }

  private boolean isCold() {
    return temperature != null && new BigDecimal(temperature.replace("\"", "")).signum() == 0;
  }

  boolean shareable() {
    return !says("no-store") && (deterministic() || force);
  }

  boolean says(String directive) {
    return directive.equals(control);
  }

  int choices() {
    return prompts.size() * n;
  }

  /** Whether it is passed on as it came. */
  boolean undivided() {
    return choices() == 1;
  }

  /** At temperature 0 one call a prompt, else one a choice. */
  List<Part> parts() {
    List<Part> parts = new ArrayList<>();
    int samples = deterministic() ? 1 : n;
    for (int prompt = 0; prompt < prompts.size(); prompt++) {
      for (int sample = 0; sample < samples; sample++) {
        List<Integer> indexes = new ArrayList<>();
        for (int copy = 0; copy < n / samples; copy++) {
          indexes.add(prompt * n + sample + copy);
        }
        parts.add(new Part(parts.size(), prompt, key(prompt, sample), indexes));
      }
    }
    return parts;
  }

  private Key key(int prompt, int sample) {
    String ofItsOwn = seed == null ? AskedCall.ABSENT : Integer.toString(seed + sample);
    AskedCall call =
        new AskedCall(
            dialect,
            caller,
            prompts.get(prompt).replace("\"", ""),
            temperature == null ? AskedCall.ABSENT : isCold() ? "0" : temperature,
            ofItsOwn,
            flavour == null ? AskedCall.ABSENT : flavour,
            candidates);
    return new Key(call, seed == null ? sample : 0);
  }

  /** The head's lines. */
  String[] lines() {
    List<String> lines = new ArrayList<>();
    lines.add("Authorization: " + caller);
    lines.add("X-Tag: " + tag());
    if (control != null) {
      lines.add("Cache-Control: " + control);
    }
    if (force) {
      lines.add("X-Refrain-Cache: force");
    }
    return lines.toArray(String[]::new);
  }

  /** The body, spelled one way or another. */
  String body() {
    Random spelling = new Random(number);
    List<String> fields = new ArrayList<>(List.of("\"model\":\"m\"", question()));
    if (isBatch()) {
      add(fields, "x_flavour", flavour == null ? null : "\"" + flavour + "\"");
      Collections.shuffle(fields, spelling);
      return "{" + String.join(",", fields) + "}";
    }
    if (n > 1 || spelling.nextBoolean()) {
      fields.add("\"n\":" + spelled(spelling, n));
    }
    if (candidates) {
      fields.add("\"best_of\":" + n);
    }
    add(fields, "temperature", temperature);
    add(fields, "seed", seed == null ? null : spelled(spelling, seed));
    add(fields, "x_flavour", flavour == null ? null : "\"" + flavour + "\"");
    if (stream || spelling.nextBoolean()) {
      fields.add("\"stream\":" + spelled(spelling, stream));
    }
    if (stream && (usage || spelling.nextBoolean())) {
      fields.add("\"stream_options\":{\"include_usage\":" + usage + "}");
    }
    if (spelling.nextBoolean()) {
      fields.add("\"user\":\"user " + spelling.nextInt() + "\"");
    }
    Collections.shuffle(fields, spelling);
    return "{" + String.join(spelling.nextBoolean() ? "," : " , ", fields) + "}";
  }

  private static void add(List<String> fields, String name, String value) {
    if (value != null) {
      fields.add("\"" + name + "\":" + value);
    }
  }

  private static String spelled(Random spelling, Object value) {
    return spelling.nextBoolean() ? value.toString() : "\"" + value + "\"";
  }

  private String question() {
    String prompt = listed || prompts.size() > 1 ? prompts.toString() : prompts.get(0);
    return switch (dialect) {
      case COMPLETIONS -> "\"prompt\":" + prompt;
      case CHAT -> "\"messages\":[{\"role\":\"user\",\"content\":" + prompts.get(0) + "}]";
      case EMBEDDINGS -> "\"input\":" + prompt;
    };
  }
}
