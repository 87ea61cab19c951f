package dev.refrain.sse;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Frame;
import dev.refrain.json.Json;
import dev.refrain.json.Member;
import dev.refrain.json.Slice;
import dev.refrain.sse.EventLines.OneLine;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * A failure in the form that OpenAI's clients expect: {@code {"error": {"message", "type", "param",
 * "code"}}}, the last three as in {@link Failure}. Pure functions; the cause is never disclosed.
 *
 * <p>Source: the OpenAI API reference, Errors.
 */
public final class ErrorBody {
  private static final byte[] ERROR = "error".getBytes(UTF_8);

  private ErrorBody() {}

  /** The body of an error response. */
  public static Buffer of(Failure failure) {
    return Buffer.buffer(json(failure));
  }

  /** The frame that ends a stream whose head is already sent. */
  public static Frame event(Failure failure) {
    return Frame.of(json(failure));
  }

  /**
   * An error as an event, for a stream whose head is already sent: the upstream's own error object
   * where the body is one.
   */
  public static Failure refused(int status, Buffer body) {
    try {
      Slice document = Slice.of(body);
      if (isError(document.members())) {
        return Failure.reported(Frame.of(OneLine.of(document)));
      }
    } catch (IOException notJson) {
      // then there is nothing to pass on
    }
    String message = "the upstream answered a part of the request with status " + status;
    return Failure.of(Failure.Kind.UPSTREAM_BROKEN, message);
  }

  /**
   * The error that an event without data reports in a field of its own, as a frame that clients
   * understand; the event itself if it reports none.
   *
   * <p>Source: llama.cpp until 2024 ({@code error: {"code", "message", "type"}}).
   */
  public static Frame ofField(Frame withoutData) {
    return EventLines.field(withoutData, ERROR)
        .map(value -> Frame.of(ofField(value)))
        .orElse(withoutData);
  }

  private static byte[] ofField(Slice value) {
    try {
      if (isError(value.members())) {
        return value.text().getBytes(UTF_8);
      }
      return ("{\"error\":" + value.text() + "}").getBytes(UTF_8);
    } catch (IOException noObject) {
      return JsonObject.of("error", JsonObject.of("message", value.text()))
          .encode()
          .getBytes(UTF_8);
    }
  }

  // With its own member, or flat, as SGLang and older vLLM write it.
  private static boolean isError(List<Member> members) {
    Member object = Member.find(members, "object");
    return Member.find(members, "error") != null
        || object != null && object.value().text().equals("\"error\"");
  }

  private static byte[] json(Failure failure) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(256);
    try (JsonGenerator generator = Json.FACTORY.createGenerator(out)) {
      generator.writeStartObject();
      generator.writeObjectFieldStart("error");
      generator.writeStringField("message", failure.getMessage());
      generator.writeStringField("type", failure.kind().type());
      generator.writeStringField("param", failure.param());
      generator.writeStringField("code", failure.kind().code());
      generator.writeEndObject();
      generator.writeEndObject();
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return out.toByteArray();
  }
}
