package dev.refrain.demo;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;

/**
 * The documents of one call: whole answers and events have the same shape.
 *
 * <p>{@code x_provider} and {@code x_voice} are in no description of the API, and their numbers do
 * not survive a reader that takes every number for a double: whoever loses them is not faithful.
 */
final class Answers {
  /** Ends a stream. */
  static final Buffer DONE = Buffer.buffer("data: [DONE]\n\n");

  private static final long BEYOND_DOUBLE = (1L << 53) + 1;
  private static final BigDecimal TRAILING_ZERO = new BigDecimal("0.10");

  private final Question question;
  private final String id;
  private final long created = Instant.now().getEpochSecond();

  Answers(Question question, long call) {
    this.question = question;
    this.id = "cmpl-simulated-" + call;
  }

  /** The whole answer. */
  Buffer whole(List<Piece> pieces) {
    return envelope(choices(pieces)).put("usage", usage(cost(pieces))).toBuffer();
  }

  /** One event with one piece. */
  void appendEvent(Piece piece, Buffer out) {
    JsonObject chunk = envelope(choices(List.of(piece)));
    append(question.includeUsage() ? chunk.putNull("usage") : chunk, out);
  }

  /** The event that tells the usage. */
  void appendUsage(long completionTokens, Buffer out) {
    append(envelope(new JsonArray()).put("usage", usage(completionTokens)), out);
  }

  /** One event with any document. */
  static void append(JsonObject json, Buffer out) {
    out.appendString("data: ").appendBuffer(json.toBuffer()).appendString("\n\n");
  }

  static long cost(List<Piece> pieces) {
    return pieces.stream().mapToLong(Piece::cost).sum();
  }

  private JsonObject envelope(JsonArray choices) {
    return new JsonObject()
        .put("id", id)
        .put("object", "text_completion")
        .put("created", created)
        .put("model", question.model())
        .put("system_fingerprint", "fp_simulated")
        .put("x_provider", new JsonObject().put("kind", "simulated").put("serial", BEYOND_DOUBLE))
        .put("choices", choices);
  }

  private JsonArray choices(List<Piece> pieces) {
    JsonArray choices = new JsonArray();
    pieces.forEach(piece -> choices.add(choice(piece)));
    return choices;
  }

  private JsonObject choice(Piece piece) {
    return new JsonObject()
        .put("text", piece.text())
        .put("index", piece.index())
        .put("logprobs", question.logprobs() < 0 ? null : logprobs(piece))
        .put("finish_reason", piece.finish())
        .put("x_voice", TRAILING_ZERO);
  }

  private JsonObject logprobs(Piece piece) {
    JsonArray tokens = new JsonArray();
    JsonArray values = new JsonArray();
    JsonArray alternatives = new JsonArray();
    JsonArray offsets = new JsonArray();
    int offset = piece.offset();
    for (Token token : piece.tokens()) {
      tokens.add(token.text());
      values.add(Double.isNaN(token.logprob()) ? null : token.logprob());
      alternatives.add(alternatives(token));
      offsets.add(offset);
      offset += token.length();
    }
    return new JsonObject()
        .put("tokens", tokens)
        .put("token_logprobs", values)
        .put("top_logprobs", alternatives)
        .put("text_offset", offsets);
  }

  private JsonObject alternatives(Token token) {
    if (question.logprobs() == 0 || Double.isNaN(token.logprob())) {
      return null;
    }
    JsonObject alternatives = new JsonObject().put(token.text(), token.logprob());
    for (int i = 1; i < question.logprobs(); i++) {
      alternatives.put(Vocabulary.word((long) token.word() + i), token.logprob() - i);
    }
    return alternatives;
  }

  private JsonObject usage(long completionTokens) {
    long promptTokens = question.promptTokens();
    return new JsonObject()
        .put("prompt_tokens", promptTokens)
        .put("completion_tokens", completionTokens)
        .put("total_tokens", promptTokens + completionTokens);
  }
}
