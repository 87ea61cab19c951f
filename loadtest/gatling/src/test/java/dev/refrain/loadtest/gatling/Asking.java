package dev.refrain.loadtest.gatling;

import static io.gatling.javaapi.core.CoreDsl.StringBody;
import static io.gatling.javaapi.http.HttpDsl.http;
import static io.gatling.javaapi.http.HttpDsl.status;

import io.gatling.javaapi.http.HttpRequestActionBuilder;

/** The requests; the prompt is the session's. */
final class Asking {
  static final String PATH = "/v1/completions";

  private Asking() {}

  /** A plain request at temperature 0. */
  static HttpRequestActionBuilder plain(String name) {
    return with(name, "\"temperature\":0");
  }

  /** A request with those fields beside the model and the prompt. */
  static HttpRequestActionBuilder with(String name, String fields) {
    return http(name).post(PATH).body(StringBody(body(fields))).check(status().is(200));
  }

  static String body(String fields) {
    return "{\"model\":\"any\",\"prompt\":\"#{prompt}\",\"max_tokens\":16," + fields + "}";
  }
}
