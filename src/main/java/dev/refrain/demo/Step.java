package dev.refrain.demo;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/**
 * One stop of the tour.
 *
 * @param asked description of the request; at most 38 characters
 * @param path of the endpoint
 * @param body of the request; never modified
 * @param times how often it is sent, all at once
 * @param expected what it must come to
 */
record Step(String asked, String path, JsonObject body, int times, Expectation expected) {
  private static final String MODEL = "gpt-3.5-turbo-instruct";

  private static final String COMPLETIONS = "/v1/completions";
  private static final String EMBEDDINGS = "/v1/embeddings";

  private static final String RIVER = "Sing a verse about the river";
  private static final String NIGHT = "Sing a verse about the night";

  /** An error of the upstream that a proxy neither makes itself nor tries again. */
  private static final int REFUSED = 422;

  Step(String asked, JsonObject body, Expectation expected) {
    this(asked, body, 1, expected);
  }

  Step(String asked, JsonObject body, int times, Expectation expected) {
    this(asked, COMPLETIONS, body, times, expected);
  }

  /** The tour. Expectations name earlier steps by their place, from 1. */
  static List<Step> tour() {
    JsonObject verse = prompt(RIVER, 0);
    JsonObject night = prompt(NIGHT, 0);
    JsonObject dawn = prompt("Sing a verse about the dawn", 0);
    JsonObject sampled = prompt("Sing a verse about chance", 1);
    JsonObject three =
        verse.copy().put("prompt", new JsonArray().add(RIVER).add(NIGHT).add("Sing of the sea"));
    JsonObject refused = prompt("Sing a verse", 0).put("model", "error-" + REFUSED);
    return List.of(
        new Step("a prompt at temperature 0", verse, Expectation.miss()),
        new Step("the same again", verse, Expectation.hit().sameTextAs(1)),
        new Step("the same, but as a stream", streamed(verse), Expectation.hit().sameTextAs(1)),
        new Step(
            "the same, keys reordered, another user",
            reordered(verse),
            Expectation.hit().sameTextAs(1)),
        new Step(
            "another prompt, as a stream", streamed(night), Expectation.miss().otherTextThan(1)),
        new Step("the same stream again", streamed(night), Expectation.hit().sameTextAs(5)),
        new Step("the same, but in one piece", night, Expectation.hit().sameTextAs(5)),
        new Step("a third prompt, five times at once", dawn, 5, Expectation.shared()),
        new Step("a prompt at temperature 1", sampled, Expectation.bypass()),
        new Step(
            "the same again: every call may differ",
            sampled,
            Expectation.bypass().otherTextThan(9)),
        new Step(
            "five choices of the first prompt",
            verse.copy().put("n", 5),
            Expectation.hit().sameTextAs(1)),
        new Step("three prompts, two stored before", three, Expectation.partial(1).sameTextAs(1)),
        new Step(
            "4 choices at temperature 1, a stream",
            streamed(sampled).put("n", 4),
            Expectation.bypass().of(4).otherTextThan(9)),
        new Step("a prompt the upstream refuses", refused, Expectation.error(REFUSED)),
        new Step("the same again: errors are not stored", refused, Expectation.error(REFUSED)),
        new Step(
            "embeddings of three texts",
            EMBEDDINGS,
            embeddings("river", "night", "sea"),
            1,
            Expectation.miss()),
        new Step(
            "embeddings: 3 of 4 known",
            EMBEDDINGS,
            embeddings("river", "night", "dawn", "sea"),
            1,
            Expectation.partial(1).sameTextAs(16)));
  }

  private static JsonObject embeddings(String... texts) {
    return new JsonObject()
        .put("model", "text-embedding-3-small")
        .put("input", new JsonArray(List.of(texts)));
  }

  private static JsonObject prompt(String prompt, int temperature) {
    return new JsonObject()
        .put("model", MODEL)
        .put("prompt", prompt)
        .put("temperature", temperature)
        .put("max_tokens", 24);
  }

  private static JsonObject streamed(JsonObject request) {
    JsonObject options = new JsonObject().put("include_usage", true);
    return request.copy().put("stream", true).put("stream_options", options);
  }

  private static JsonObject reordered(JsonObject request) {
    JsonObject reordered = new JsonObject().put("user", "somebody else");
    List<String> names = List.copyOf(request.fieldNames());
    for (int i = names.size() - 1; i >= 0; i--) {
      reordered.put(names.get(i), request.getValue(names.get(i)));
    }
    return reordered;
  }
}
