package dev.refrain.testing;

import com.fasterxml.jackson.databind.JsonNode;

/** The example of the published API descriptions: what is asked and what is answered. */
public final class Examples {
  /** The example request. */
  public static final String REQUEST =
      """
      {"model":"gpt-3.5-turbo-instruct","prompt":"Say this is a test","max_tokens":7,\
      "temperature":0,"top_p":1,"n":1,"stream":false,"logprobs":null,"stop":"\\n"}""";

  /** The documented text. */
  public static final String TEXT = "\n\nThis is indeed a test";

  /** The documented answer. */
  public static final String ANSWER =
      """
      {
        "id": "cmpl-uqkvlQyYK7bGYrRHQ0eXlWi7",
        "object": "text_completion",
        "created": 1589478378,
        "model": "gpt-3.5-turbo-instruct",
        "choices": [
          {
            "text": "\\n\\nThis is indeed a test",
            "index": 0,
            "logprobs": null,
            "finish_reason": "length"
          }
        ],
        "usage": {
          "prompt_tokens": 5,
          "completion_tokens": 7,
          "total_tokens": 12
        }
      }""";

  private static final String USAGE =
      "\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":7,\"total_tokens\":12}";

  private Examples() {}

  /** The example, streamed. */
  public static String streaming() {
    return REQUEST.replace("\"stream\":false", "\"stream\":true");
  }

  /** A deterministic request of its own for this text. */
  public static String asking(String prompt) {
    return "{\"model\":\"m\",\"prompt\":\"" + prompt + "\",\"temperature\":0}";
  }

  /** The same, streamed. */
  public static String streaming(String prompt) {
    return asking(prompt).replace("}", ",\"stream\":true}");
  }

  /** A request that cannot be shared. */
  public static String sampling(String prompt) {
    return asking(prompt).replace("\"temperature\":0", "\"temperature\":1");
  }

  /** The same, streamed. */
  public static String samplingStream(String prompt) {
    return streaming(prompt).replace("\"temperature\":0", "\"temperature\":1");
  }

  /** The documented answer in the framing that was asked for. */
  public static Script answer(Received request) {
    if (!request.wantsStream()) {
      return Script.json(ANSWER);
    }
    Script script =
        Script.events()
            .data(chunk("\n\nThis", null))
            .data(chunk(" is indeed", null))
            .data(chunk(" a test", "length"));
    return (request.wantsUsage() ? script.data(usage()) : script).done();
  }

  /** A stream that says "first", waits for the test, and ends with " second". */
  public static Script inTwoHalves(Gate gate) {
    return Script.events()
        .data(chunk("first", null))
        .pause(gate)
        .data(chunk(" second", "length"))
        .data(usage())
        .done();
  }

  /** One chunk of a stream; {@code finish} may be null. */
  public static String chunk(String text, String finish) {
    return chunk(text, finish, "");
  }

  /** One chunk with further members, each followed by a comma. */
  public static String chunk(String text, String finish, String further) {
    return "{\"id\":\"cmpl-1\",\"object\":\"text_completion\",\"created\":1589478378,"
        + further
        + "\"choices\":[{\"text\":\""
        + text.replace("\n", "\\n")
        + "\",\"index\":0,\"logprobs\":null,\"finish_reason\":"
        + (finish == null ? "null" : "\"" + finish + "\"")
        + "}],\"model\":\"gpt-3.5-turbo-instruct\"}";
  }

  /** The chunk that closes a stream with its usage. */
  public static String usage() {
    return "{\"id\":\"cmpl-1\",\"object\":\"text_completion\",\"created\":1589478378,\"choices\":[],"
        + "\"model\":\"gpt-3.5-turbo-instruct\","
        + USAGE
        + "}";
  }

  /** The text of a whole answer. */
  public static String text(String body) {
    JsonNode choices = Json.read(body).path("choices");
    return choices.path(0).path("text").asText();
  }
}
