package dev.refrain.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import dev.refrain.testing.Dialect;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.StreamSupport;

/**
 * What one call asks for: everything that decides its answer, and nothing else. Numbers are in one
 * form, {@code -} is absent.
 */
record AskedCall(
    Dialect dialect,
    String caller,
    String prompt,
    String temperature,
    String seed,
    String flavour,
    boolean candidates) {
  static final String ABSENT = "-";

  /**
   * As a server understands them; fails where more than one choice of one prompt is asked for, but
   * for embeddings, where each input is one.
   */
  static List<AskedCall> of(Dialect dialect, String caller, JsonNode body) {
    if (dialect != Dialect.EMBEDDINGS) {
      return List.of(choice(dialect, caller, body));
    }
    JsonNode input = body.path("input");
    boolean several = input.isArray() && !input.path(0).isNumber();
    return StreamSupport.stream((several ? input : List.of(input)).spliterator(), false)
        .map(one -> of(dialect, caller, prompt(one), body))
        .toList();
  }

  private static AskedCall choice(Dialect dialect, String caller, JsonNode body) {
    for (String one : new String[] {"n", "best_of"}) {
      if (!body.path(one).asText("1").matches("1|null")) {
        throw new IllegalArgumentException(one + ": " + body.path(one));
      }
    }
    JsonNode prompt =
        dialect == Dialect.CHAT ? body.at("/messages/0/content") : body.path("prompt");
    return of(dialect, caller, prompt(prompt), body);
  }

  private static AskedCall of(Dialect dialect, String caller, String prompt, JsonNode body) {
    return new AskedCall(
        dialect,
        caller,
        prompt,
        temperature(body.path("temperature")),
        body.path("seed").asText(ABSENT),
        body.path("x_flavour").asText(ABSENT),
        body.has("best_of"));
  }

  private static String prompt(JsonNode prompt) {
    boolean listed = prompt.isArray() && !prompt.path(0).isNumber();
    if (listed && prompt.size() != 1) {
      throw new IllegalArgumentException("prompts: " + prompt);
    }
    JsonNode one = listed ? prompt.get(0) : prompt;
    return one.isTextual() ? one.asText() : one.toString();
  }

  private static String temperature(JsonNode temperature) {
    if (temperature.isMissingNode()) {
      return ABSENT;
    }
    return temperature.decimalValue().signum() == 0 ? "0" : temperature.asText();
  }

  boolean deterministic() {
    return dialect == Dialect.EMBEDDINGS || temperature.equals("0");
  }

  /** Whether every call for it has a text of its own. */
  boolean numbered() {
    return !deterministic() && seed.equals(ABSENT);
  }

  UpstreamFault upstreamFault() {
    return UpstreamFault.of(prompt);
  }

  /** The text of a call for it; the call's number has no part in it unless {@link #numbered}. */
  String text(int call) {
    String text =
        String.join(
            "/",
            dialect.name(),
            prompt,
            caller,
            temperature,
            seed,
            flavour,
            candidates ? "best" : "any");
    return numbered() ? text + "/" + call : text;
  }

  /**
   * What the input costs. In the usage of a call for several embeddings each input has the share of
   * its bytes, quotes included, or of its tokens.
   */
  int promptTokens() {
    if (dialect != Dialect.EMBEDDINGS) {
      return prompt.length();
    }
    return prompt.startsWith("[")
        ? prompt.split(",").length
        : prompt.getBytes(StandardCharsets.UTF_8).length + 2;
  }

  int completionTokens(String text) {
    return dialect == Dialect.EMBEDDINGS ? 0 : text.split("/").length;
  }
}
