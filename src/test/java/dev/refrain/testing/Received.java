package dev.refrain.testing;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;

/**
 * A request as the upstream got it.
 *
 * @param body its bytes, transfer coding undone
 */
public record Received(MessageHead head, byte[] body) {
  /** The body as UTF-8. */
  public String text() {
    return new String(body, StandardCharsets.UTF_8);
  }

  /** The body as JSON. */
  public JsonNode json() {
    return Json.read(text());
  }

  /** Whether a stream is asked for. */
  public boolean wantsStream() {
    return json().path("stream").asBoolean();
  }

  /** Whether a stream with its usage is asked for. */
  public boolean wantsUsage() {
    return json().path("stream_options").path("include_usage").asBoolean();
  }
}
