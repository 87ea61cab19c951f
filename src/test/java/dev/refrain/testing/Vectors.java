package dev.refrain.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;

/**
 * Embeddings for tests: requests, and an upstream whose vectors are made of the input. Each text
 * costs 3 tokens, an array of tokens its length.
 */
public final class Vectors {
  /** The path of the endpoint. */
  public static final String PATH = "/v1/embeddings";

  private Vectors() {}

  /** A request for one input or an array of inputs, with further members. */
  public static String asking(String input, String... members) {
    String further = members.length == 0 ? "" : "," + String.join(",", members);
    return "{\"model\":\"m\",\"input\":" + input + further + "}";
  }

  /** An array of the texts {@code t<from>} to {@code t<to - 1>}. */
  public static String texts(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> "\"t" + i + "\"").toList().toString();
  }

  /** The inputs of a request, texts as they are and anything else as JSON. */
  public static List<String> inputs(Received request) {
    JsonNode input = request.json().path("input");
    boolean several = input.isArray() && !input.path(0).isNumber();
    return several
        ? StreamSupport.stream(input.spliterator(), false).map(Vectors::spelled).toList()
        : List.of(spelled(input));
  }

  private static String spelled(JsonNode input) {
    return input.isTextual() ? input.asText() : input.toString();
  }

  /** Answers with a vector for each input, the last first; an input that is "bad" is refused. */
  public static Script answer(Received request) {
    List<String> inputs = inputs(request);
    if (inputs.contains("bad")) {
      return Script.answer(
          400, "{\"error\":{\"message\":\"bad\"}}", "Content-Type: application/json");
    }
    return Script.json(document(request));
  }

  /** The document with a vector for each input of a request, the last first. */
  public static String document(Received request) {
    List<String> inputs = inputs(request);
    boolean encoded = request.json().path("encoding_format").asText().equals("base64");
    List<String> data = new ArrayList<>();
    long tokens = 0;
    for (String input : inputs) {
      String vector = encoded ? encoded(input) : numbers(input);
      data.add(
          "{\"object\":\"embedding\",\"index\":%d,\"embedding\":%s}"
              .formatted(data.size(), vector));
      tokens += input.startsWith("[") ? Json.read(input).size() : 3;
    }
    Collections.reverse(data);
    return document(String.join(", ", data), tokens);
  }

  /** The document with a vector of so many characters for each input, in order. */
  public static String large(Received request, int length) {
    List<String> data = new ArrayList<>();
    for (String input : inputs(request)) {
      String vector = input + "A".repeat(length - input.length());
      data.add(
          "{\"object\":\"embedding\",\"index\":%d,\"embedding\":\"%s\"}"
              .formatted(data.size(), vector));
    }
    return document(String.join(",", data), 3L * data.size());
  }

  /** A document with these elements. */
  public static String document(String data, long tokens) {
    return "{\"object\":\"list\",\"data\":[%s],\"model\":\"m\",\"usage\":{\"prompt_tokens\":%d,\"total_tokens\":%d}}"
        .formatted(data, tokens, tokens);
  }

  /** The vector of an input as numbers, in a form that reading and writing would change. */
  public static String numbers(String input) {
    return "[%d.50, -0.0, 1e-7]".formatted(Math.abs(input.hashCode()));
  }

  /** The vector of an input as base64. */
  public static String encoded(String input) {
    String text = Base64.getEncoder().encodeToString(input.getBytes());
    return TextNode.valueOf(text).toString();
  }

  /** The vectors of an answer in their order, as written; fails unless the indexes count up. */
  public static List<String> of(HttpResponse<String> answer) {
    List<String> vectors = new ArrayList<>();
    for (JsonNode element : Json.read(answer.body()).path("data")) {
      if (element.path("index").asInt(-1) != vectors.size()) {
        throw new AssertionError("not in order: " + answer.body());
      }
      vectors.add(element.path("embedding").toString());
    }
    return vectors;
  }

  /** What the vectors of these inputs look like once they are read. */
  public static List<String> numbers(List<String> inputs) {
    return inputs.stream().map(Vectors::numbers).map(Json::read).map(JsonNode::toString).toList();
  }
}
