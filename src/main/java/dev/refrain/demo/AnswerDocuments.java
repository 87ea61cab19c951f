package dev.refrain.demo;

import dev.refrain.demo.Vocabulary.Token;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;

/**
 * The documents of one call: whole answers and events have the same shape, but for chats.
 *
 * <p>{@code x_provider} and {@code x_voice} are in no description of the API, and their numbers do
 * not survive a reader that takes every number for a double: a proxy that changes them is not
 * faithful.
 */
final class AnswerDocuments {
  /** Ends a stream. */
  static final Buffer DONE = Buffer.buffer("data: [DONE]\n\n");

  private static final String CHUNK = "chat.completion.chunk";
  private static final long BEYOND_DOUBLE = (1L << 53) + 1;
  private static final BigDecimal TRAILING_ZERO = new BigDecimal("0.10");

  private final SimulatedRequest request;
  private final String id;
  private final ChatChoices chat;
  private final long created = Instant.now().getEpochSecond();

  AnswerDocuments(SimulatedRequest request, long call) {
    this.request = request;
    this.id = (request.chat().isEmpty() ? "cmpl" : "chatcmpl") + "-simulated-" + call;
    this.chat = new ChatChoices(request, call);
  }

  /** The whole answer. */
  Buffer whole(List<ChoiceChunk> choiceChunks) {
    JsonArray choices =
        request.chat().isEmpty() ? choices(choiceChunks) : chat.messages(choiceChunks);
    return envelope(choices, "chat.completion").put("usage", usage(cost(choiceChunks))).toBuffer();
  }

  /** One event with one piece. */
  void appendEvent(ChoiceChunk choiceChunk, Buffer out) {
    if (request.chat().isEmpty()) {
      appendChunk(choices(List.of(choiceChunk)), out);
    } else {
      chat.deltas(choiceChunk).forEach(delta -> appendChunk(new JsonArray().add(delta), out));
    }
  }

  private void appendChunk(JsonArray choices, Buffer out) {
    JsonObject chunk = envelope(choices, CHUNK);
    append(request.includeUsage() ? chunk.putNull("usage") : chunk, out);
  }

  /** The event with the usage. */
  void appendUsage(long completionTokens, Buffer out) {
    append(envelope(new JsonArray(), CHUNK).put("usage", usage(completionTokens)), out);
  }

  /** One event with any document. */
  static void append(JsonObject json, Buffer out) {
    out.appendString("data: ").appendBuffer(json.toBuffer()).appendString("\n\n");
  }

  static long cost(List<ChoiceChunk> choiceChunks) {
    return choiceChunks.stream().mapToLong(ChoiceChunk::cost).sum();
  }

  private JsonObject envelope(JsonArray choices, String object) {
    return new JsonObject()
        .put("id", id)
        .put("object", request.chat().isEmpty() ? "text_completion" : object)
        .put("created", created)
        .put("model", request.model())
        .put("system_fingerprint", request.drifted() ? "fp_drifted" : "fp_simulated")
        .put("x_provider", new JsonObject().put("kind", "simulated").put("serial", BEYOND_DOUBLE))
        .put("choices", choices);
  }

  private JsonArray choices(List<ChoiceChunk> choiceChunks) {
    JsonArray choices = new JsonArray();
    choiceChunks.forEach(choiceChunk -> choices.add(choice(choiceChunk)));
    return choices;
  }

  private JsonObject choice(ChoiceChunk choiceChunk) {
    return new JsonObject()
        .put("text", choiceChunk.text())
        .put("index", choiceChunk.index())
        .put("logprobs", request.logprobs() < 0 ? null : logprobs(choiceChunk))
        .put("finish_reason", choiceChunk.finish())
        .put("x_voice", TRAILING_ZERO);
  }

  private JsonObject logprobs(ChoiceChunk choiceChunk) {
    JsonArray tokens = new JsonArray();
    JsonArray values = new JsonArray();
    JsonArray alternatives = new JsonArray();
    JsonArray offsets = new JsonArray();
    int offset = choiceChunk.offset();
    for (Token token : choiceChunk.tokens()) {
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
    if (request.logprobs() == 0 || Double.isNaN(token.logprob())) {
      return null;
    }
    JsonObject alternatives = new JsonObject().put(token.text(), token.logprob());
    for (int i = 1; i < request.logprobs(); i++) {
      alternatives.put(Vocabulary.word((long) token.word() + i), token.logprob() - i);
    }
    return alternatives;
  }

  private JsonObject usage(long completionTokens) {
    long promptTokens = request.promptTokens();
    return new JsonObject()
        .put("prompt_tokens", promptTokens)
        .put("completion_tokens", completionTokens)
        .put("total_tokens", promptTokens + completionTokens);
  }
}
