package dev.refrain.openai;

import dev.refrain.inference.CachePolicy;
import dev.refrain.inference.CallContext;
import dev.refrain.inference.Cancellation;
import dev.refrain.inference.Frame;
import dev.refrain.inference.Glob;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.fields.Scope;
import dev.refrain.openai.ModelRoute.Repetition;
import dev.refrain.openai.RequestSchema.Bounds;
import dev.refrain.openai.completions.Completions;
import dev.refrain.rules.Conditions;
import dev.refrain.rules.Rule;
import dev.refrain.rules.Rules;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.util.ArrayList;
import java.util.List;

/** What the benchmarks read: requests as clients write them, answers as servers write them. */
public final class Samples {
  /** Bytes of a small, a common and a large request body, as a benchmark's parameters. */
  public static final String SMALL = "200";

  /** See {@link #SMALL}. */
  public static final String COMMON = "1200";

  /** See {@link #SMALL}. */
  public static final String LARGE = "32768";

  /** Chunks of an answer. */
  static final int CHUNKS = 200;

  // Escapes and Chinese, because both leave the fast paths of parsers and encoders.
  private static final String LINE =
      "Summarise the minutes of the meeting in three sentences.\\n会议从九点开始，讨论了预算。\\n"
          + "Name \\\"who\\\" decided what, and until when it shall be done.\\n\\n";

  private Samples() {}

  /** A deterministic request of exactly {@code length} bytes. */
  public static Buffer body(int length, boolean stream) {
    String before = "{\"model\":\"gpt-3.5-turbo-instruct\",\"prompt\":\"";
    String after = "\",\"max_tokens\":256,\"temperature\":0" + (stream ? ",\"stream\":true}" : "}");
    Buffer body = Buffer.buffer(before);
    int until = length - after.length();
    byte[] line = Buffer.buffer(LINE).getBytes();
    while (body.length() + line.length <= until) {
      body.appendBytes(line);
    }
    while (body.length() < until) {
      body.appendByte((byte) 'x');
    }
    return body.appendString(after);
  }

  /** Who sends it; JMH has another meaning for the name of that type. */
  public static Scope scope(MultiMap headers) {
    return Scope.of(headers);
  }

  /** So many rules with all kinds of conditions, of which none applies to these requests. */
  static Rules rules(int count) {
    List<Rule> rules = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rules.add(new Rule(conditions(i), Rule.Caching.ON, new CachePolicy("r" + i, 0, "")));
    }
    return count == 0 ? Rules.NONE : new Rules(rules, 86_400_000);
  }

  private static Conditions conditions(int i) {
    List<Glob> all = List.of();
    return switch (i % 5) {
      case 0 -> conditions(all, List.of(new Glob("gpt-5-" + i + "*"), new Glob("o3-*")), all, all);
      case 1 -> conditions(all, all, List.of(new Glob("*bench-" + i + "*")), all);
      case 2 -> conditions(List.of(new Glob("embeddings"), new Glob("chat")), all, all, all);
      case 3 -> conditions(all, List.of(new Glob("*-coder-" + i)), List.of(new Glob("*")), all);
      default -> conditions(all, all, all, List.of(new Glob("team-" + i)));
    };
  }

  private static Conditions conditions(
      List<Glob> endpoints, List<Glob> models, List<Glob> agents, List<Glob> tenants) {
    return new Conditions(
        endpoints,
        models,
        null,
        null,
        null,
        agents.stream().map(glob -> new Conditions.Header("User-Agent", glob)).toList(),
        tenants);
  }

  /** What a client library sends along. */
  public static MultiMap headers() {
    return HttpHeaders.headers()
        .add("Host", "localhost:8080")
        .add("Accept", "application/json")
        .add("Accept-Encoding", "gzip, deflate")
        .add("Connection", "keep-alive")
        .add("Content-Type", "application/json")
        .add("Content-Length", "1200")
        .add("User-Agent", "OpenAI/Python 1.99.0")
        .add("Authorization", "Bearer sk-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKL");
  }

  /** A whole answer of one choice. */
  public static Buffer answer() {
    return Buffer.buffer(
        "{\"id\":\"cmpl-7QmVI15qgYVllxK0FtxVGG6ywfzaq\",\"object\":\"text_completion\","
            + "\"created\":1686617332,\"model\":\"gpt-3.5-turbo-instruct\",\"choices\":[{\"text\":\""
            + LINE.repeat(2)
            + "\",\"index\":0,\"logprobs\":null,\"finish_reason\":\"stop\"}],"
            + "\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":63,\"total_tokens\":83}}");
  }

  /** The frames of an answer in {@link #CHUNKS} chunks, its usage among them. */
  static List<Frame> chunks() {
    List<Frame> chunks = new ArrayList<>();
    for (int i = 1; i < CHUNKS; i++) {
      chunks.add(chunk(" word", "null", ""));
    }
    String usage = "{\"prompt_tokens\":20,\"completion_tokens\":200,\"total_tokens\":220}";
    chunks.add(chunk("", "\"stop\"", ",\"usage\":" + usage));
    return chunks;
  }

  /** A chunk as most servers write it when asked for the usage. */
  static Frame chunk() {
    return chunk(" word", "null", ",\"usage\":null");
  }

  /** A chunk of exactly 200 bytes on the wire. */
  public static Frame chunkOf200Bytes() {
    int missing = 200 - chunk("", "null", "").length();
    return chunk("w".repeat(missing), "null", "");
  }

  /** A request for a stream of this many samples, each a call of its own. */
  public static InferenceRequest sampledStream(int n) {
    String body =
        "{\"model\":\"m\",\"prompt\":\"p\",\"temperature\":1,\"stream\":true,\"n\":" + n + "}";
    return request(Buffer.buffer(body));
  }

  /** What is understood of a body. */
  static InferenceRequest request(Buffer body) {
    ModelRoute route = new ModelRoute("one", ModelRoute.Mode.SPLIT);
    RequestReader reader =
        new RequestReader(
            Completions.DEFINITION, Bounds.PUBLISHED, Repetition.REPLICATE, model -> route, true);
    return reader.read(
        new CallContext("id", headers()),
        "/v1/completions",
        Scope.of(headers()),
        body,
        new Cancellation());
  }

  /** A chunk without a word of usage. */
  static Frame chunkWithoutUsage() {
    return chunk(" word", "null", "");
  }

  private static Frame chunk(String text, String reason, String more) {
    String json =
        "{\"id\":\"cmpl-7QmVI15qgYVllxK0FtxVGG6ywfzaq\",\"object\":\"text_completion\","
            + "\"created\":1686617332,\"model\":\"qwen\",\"choices\":[{\"text\":\""
            + text
            + "\",\"index\":0,\"logprobs\":null,\"finish_reason\":"
            + reason
            + "}]"
            + more
            + "}";
    return Frame.of(Buffer.buffer(json).getBytes());
  }
}
