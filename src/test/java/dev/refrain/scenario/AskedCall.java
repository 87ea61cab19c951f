package dev.refrain.scenario;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * What one call asks for: everything that decides its answer, and nothing else. Numbers are in one
 * form, {@code -} is absent.
 */
record AskedCall(
    String caller,
    String prompt,
    String temperature,
    String seed,
    String flavour,
    boolean candidates) {
  static final String ABSENT = "-";

  /** As a server understands it; fails where more than one choice of one prompt is asked for. */
  static AskedCall of(String caller, JsonNode body) {
    for (String one : new String[] {"n", "best_of"}) {
      if (!body.path(one).asText("1").matches("1|null")) {
        throw new IllegalArgumentException(one + ": " + body.path(one));
      }
    }
    return new AskedCall(
        caller,
        prompt(body.path("prompt")),
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
    return temperature.equals("0");
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
        String.join("/", prompt, caller, temperature, seed, flavour, candidates ? "best" : "any");
    return numbered() ? text + "/" + call : text;
  }

  int promptTokens() {
    return prompt.length();
  }

  static int completionTokens(String text) {
    return text.split("/").length;
  }
}
