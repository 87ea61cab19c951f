package dev.refrain.testing;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * An upstream for one choice of one prompt or chat: answers with the words of the prompt, one a
 * frame. At a temperature above 0 every call has a last word of its own. Knows neither {@code n}
 * nor arrays.
 */
public final class WordsUpstream implements Function<Received, Script> {
  private final AtomicInteger calls = new AtomicInteger();
  private final Gate gate;

  private WordsUpstream(Gate gate) {
    this.gate = gate;
  }

  /** Answers at once. */
  public static WordsUpstream ready() {
    Gate open = new Gate();
    open.open();
    return new WordsUpstream(open);
  }

  /** Waits at the gate before the first byte of each answer. */
  public static WordsUpstream waiting(Gate gate) {
    return new WordsUpstream(gate);
  }

  @Override
  public Script apply(Received request) {
    int call = calls.incrementAndGet();
    Dialect dialect = Dialect.of(request);
    List<String> words = words(request.json(), call);
    Script waited = Script.silence().pause(gate);
    return request.wantsStream()
        ? waited.then(stream(dialect, request, call, words))
        : waited.then(Script.json(document(dialect, call, words)));
  }

  private static List<String> words(JsonNode request, int call) {
    JsonNode message = request.at("/messages/0/content");
    JsonNode prompt = message.isMissingNode() ? request.path("prompt") : message;
    List<String> words = new ArrayList<>();
    for (String word : (prompt.isTextual() ? prompt.asText() : prompt.toString()).split(" ")) {
      words.add(word);
    }
    if (request.has("seed")) {
      words.add("s" + request.get("seed").asLong());
    } else if (request.path("temperature").asDouble(1) > 0) {
      words.add("c" + call);
    }
    return words;
  }

  private static String document(Dialect dialect, int call, List<String> words) {
    return """
    {"id":"cmpl-%d","object":"text_completion","created":%d,"model":"m",\
    "choices":[{%s,"index":0,"logprobs":null,"finish_reason":"stop","x_own":[1.50]}],\
    "usage":%s,"x_extra":{"n":1e2}}\
    """
        .formatted(call, 1000 + call, dialect.whole(String.join(" ", words)), usage(words));
  }

  private static Script stream(Dialect dialect, Received request, int call, List<String> words) {
    Script script = Script.events();
    for (int i = 0; i < words.size(); i++) {
      String word = (i > 0 ? " " : "") + words.get(i);
      script = script.data(frame(dialect, call, word, i == words.size() - 1));
    }
    if (request.wantsUsage()) {
      script =
          script.data(
              "{\"id\":\"cmpl-%d\",\"created\":%d,\"choices\":[],\"usage\":%s}"
                  .formatted(call, 1000 + call, usage(words)));
    }
    return script.done();
  }

  /** One frame of completions as it leaves the upstream. */
  public static String frame(int call, String word, boolean last) {
    return frame(Dialect.COMPLETIONS, call, word, last);
  }

  /** One frame as it leaves the upstream. */
  public static String frame(Dialect dialect, int call, String word, boolean last) {
    return """
    {"id":"cmpl-%d","object":"text_completion","created":%d, "x_trace" : {"index": 7},\
    "choices":[{%s, "index" : 0 ,"logprobs":null,"finish_reason":%s,"x_own":[1.50]}],\
    "model":"m"}\
    """
        .formatted(call, 1000 + call, dialect.piece(word), last ? "\"stop\"" : "null");
  }

  // Three tokens for a prompt, one for each word.
  static String usage(List<String> words) {
    return """
    {"prompt_tokens":3,"completion_tokens":%d,"total_tokens":%d,\
    "completion_tokens_details":{"reasoning_tokens":1}}\
    """
        .formatted(words.size(), 3 + words.size());
  }
}
