package dev.refrain.testing;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Calls of every kind, each with a marker that the upstream's answer repeats, so that an answer
 * says whose it is.
 */
public enum MarkedCall {
  /** One completion, stored. */
  PLAIN,
  /** The same as a stream. */
  STREAM,
  /** Two choices that are sampled, and so asked for by two calls. */
  SEVERAL,
  /** The same as a stream. */
  SEVERAL_STREAMED,
  /** The list of models, which the proxy asks for itself. */
  MODELS,
  /** Another path, passed through. */
  PASSED,
  /** The same with a body. */
  PASSED_BODY;

  private static final Pattern MARKER = Pattern.compile("mark-[a-z0-9]+");
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** The call to this proxy with this marker, which is {@code mark-} and letters or digits. */
  public HttpRequest request(String proxy, String marker) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(proxy + path(marker)))
            .timeout(PATIENCE)
            .header("Authorization", "Bearer " + marker)
            .header("Content-Type", "application/json");
    return switch (this) {
      case MODELS, PASSED -> request.build();
      case PLAIN -> request.POST(BodyPublishers.ofString(Examples.asking(marker))).build();
      case STREAM -> request.POST(BodyPublishers.ofString(Examples.streaming(marker))).build();
      case SEVERAL -> request.POST(BodyPublishers.ofString(two(Examples.sampling(marker)))).build();
      case SEVERAL_STREAMED ->
          request.POST(BodyPublishers.ofString(two(Examples.samplingStream(marker)))).build();
      case PASSED_BODY ->
          request.POST(BodyPublishers.ofString("{\"q\":\"" + marker + "\"}")).build();
    };
  }

  private String path(String marker) {
    return switch (this) {
      case MODELS -> "/v1/models";
      case PASSED, PASSED_BODY -> "/v1/other/" + marker;
      default -> "/v1/completions";
    };
  }

  private static String two(String body) {
    return body.replace("{\"model\"", "{\"n\":2,\"model\"");
  }

  /** The marker of a request as the upstream got it. */
  public static String marker(Received request) {
    Matcher found =
        MARKER.matcher(request.head().target() + request.head().fields() + request.text());
    if (!found.find()) {
      throw new AssertionError("a request without a marker: " + request.head());
    }
    return found.group();
  }

  /** A whole answer to this request, its head included, that repeats the marker. */
  public static String answer(Received request) {
    return answer(request, marker(request));
  }

  /** A whole answer that repeats another marker. */
  public static String answer(Received request, String marker) {
    String target = request.head().target();
    if (target.startsWith("/v1/models")) {
      return json(
          "{\"object\":\"list\",\"data\":[{\"id\":\"" + marker + "\",\"object\":\"model\"}]}",
          marker);
    }
    if (!target.startsWith("/v1/completions")) {
      return json("{\"answer\":\"" + marker + "\"}", marker);
    }
    String text = Examples.TEXT.replace("\n", "\\n");
    return request.wantsStream()
        ? events(marker, request.wantsUsage())
        : json(Examples.ANSWER.replace(text, marker), marker);
  }

  private static String json(String body, String marker) {
    return head("application/json", marker)
        + "Content-Length: "
        + body.length()
        + "\r\n\r\n"
        + body;
  }

  private static String events(String marker, boolean usage) {
    return head("text/event-stream", marker)
        + "Transfer-Encoding: chunked\r\n\r\n"
        + event(Examples.chunk(marker, null))
        + event(Examples.chunk(marker, "length"))
        + (usage ? event(Examples.usage()) : "")
        + event("[DONE]")
        + "0\r\n\r\n";
  }

  private static String head(String type, String marker) {
    return "HTTP/1.1 200 OK\r\nX-Marker: " + marker + "\r\nContent-Type: " + type + "\r\n";
  }

  private static String event(String data) {
    String event = "data: " + data + "\n\n";
    return Integer.toHexString(event.length()) + "\r\n" + event + "\r\n";
  }
}
