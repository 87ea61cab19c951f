package dev.refrain.demo;

import dev.refrain.demo.BodyFields.InvalidRequest;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A request to {@code POST /v1/embeddings} and its answer. Equal inputs have equal vectors of
 * length 1, as numbers or as base64; with {@code dimensions} a vector is the beginning of the
 * longer one, made length 1 again.
 *
 * <p>Source: OpenAI API reference, "Create embeddings".
 */
record SimulatedEmbeddings(String model, List<Prompt> inputs, int dimensions, boolean encoded) {
  private static final int MOST_INPUTS = 2048;
  private static final int DIMENSIONS = 1536;
  private static final int MOST_DIMENSIONS = 4096;

  static SimulatedEmbeddings read(Buffer body) throws InvalidRequest {
    JsonObject json = SimulatedRequestReader.parse(body);
    BodyFields fields = new BodyFields(json);
    if (fields.value("input") == null) {
      throw BodyFields.invalid("input", "a string, or an array of strings, tokens or token arrays");
    }
    List<Prompt> inputs = SimulatedRequestReader.prompts(fields.value("input"));
    if (inputs.size() > MOST_INPUTS) {
      throw BodyFields.invalid("input", "at most " + MOST_INPUTS + " inputs");
    }
    return new SimulatedEmbeddings(
        fields.text("model"),
        inputs,
        (int) fields.integer("dimensions", DIMENSIONS, 1, MOST_DIMENSIONS),
        isEncoded(fields));
  }

  private static boolean isEncoded(BodyFields fields) throws InvalidRequest {
    String format = String.valueOf(fields.value("encoding_format"));
    return switch (format) {
      case "null", "float" -> false;
      case "base64" -> true;
      default -> throw BodyFields.invalid("encoding_format", "float or base64");
    };
  }

  int promptTokens() {
    return inputs.stream().mapToInt(input -> input.tokens().size()).sum();
  }

  /** The whole answer. */
  Buffer answer() {
    int each = encoded ? dimensions * 6 : dimensions * 14;
    Buffer out = Buffer.buffer(Math.min(each, 1 << 12) * inputs.size() + 256);
    String before = "{\"object\":\"list\",\"data\":[";
    for (int i = 0; i < inputs.size(); i++) {
      out.appendString(before + "{\"object\":\"embedding\",\"index\":" + i + ",\"embedding\":");
      out.appendString(encoded ? base64(vector(i)) : numbers(vector(i))).appendString("}");
      before = ",";
    }
    JsonObject usage =
        JsonObject.of("prompt_tokens", promptTokens(), "total_tokens", promptTokens());
    String rest = JsonObject.of("model", model, "usage", usage).encode();
    return out.appendString("],").appendString(rest.substring(1));
  }

  private float[] vector(int input) {
    String identity = model + "\n" + inputs.get(input).identity();
    SplittableRandom random = new SplittableRandom(SimulatedRequest.hash(identity));
    double[] drawn = random.doubles(dimensions, -1, 1).toArray();
    double square = 0;
    for (double each : drawn) {
      square += each * each;
    }
    float[] vector = new float[dimensions];
    for (int i = 0; i < dimensions; i++) {
      vector[i] = (float) (drawn[i] / Math.sqrt(square));
    }
    return vector;
  }

  private static String numbers(float[] vector) {
    StringBuilder out = new StringBuilder(vector.length * 14);
    char before = '[';
    for (float number : vector) {
      out.append(before).append(number);
      before = ',';
    }
    return out.append(']').toString();
  }

  private static String base64(float[] vector) {
    ByteBuffer bytes = ByteBuffer.allocate(vector.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (float number : vector) {
      bytes.putFloat(number);
    }
    return '"' + Base64.getEncoder().encodeToString(bytes.array()) + '"';
  }
}
