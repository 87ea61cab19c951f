package dev.refrain.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import dev.refrain.testing.Dialect;
import dev.refrain.testing.Json;
import dev.refrain.testing.Vectors;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * The upstream of {@link FanOutModelTest}: answers each {@link AskedCall} as {@link UpstreamFault}
 * has it, and remembers every call. Quick: one event loop, connections kept.
 */
final class AskedCallUpstream implements AutoCloseable {
  /**
   * What was asked for, in the order of arrival.
   *
   * @param request the number of the request that asked for it; of embeddings one asks for several
   */
  record Call(int number, int request, String tag, AskedCall call) {
    String text() {
      return call.text(number);
    }

    int tokens() {
      return call.promptTokens() + call.completionTokens(text());
    }
  }

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final HttpServer server;
  private final Map<Integer, Call> calls = new ConcurrentHashMap<>();
  private final Map<String, Queue<Call>> byTag = new ConcurrentHashMap<>();
  private final Queue<String> misunderstood = new ConcurrentLinkedQueue<>();
  private final AtomicInteger numbers = new AtomicInteger();
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicInteger connections = new AtomicInteger();
  private volatile int leisure;

  AskedCallUpstream() {
    // Who closes resets.
    server =
        vertx
            .createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setSoLinger(0))
            .connectionHandler(
                connection -> {
                  connections.incrementAndGet();
                  connection.closeHandler(v -> connections.decrementAndGet());
                })
            .requestHandler(request -> request.body().onSuccess(body -> asked(request, body)));
    server.listen(0).await();
  }

  String url() {
    return "http://127.0.0.1:" + server.actualPort();
  }

  /** Lets up to so many other things be done before it says the next. */
  void leisure(int turns) {
    leisure = turns;
  }

  /** The call of this number, or null. */
  Call call(int number) {
    return calls.get(number);
  }

  /** The calls made so far for a request. */
  List<Call> calls(String tag) {
    return List.copyOf(byTag.getOrDefault(tag, new ArrayDeque<>()));
  }

  /** How many requests came. */
  int requests() {
    return requests.get();
  }

  /** Calls that asked for something else than one choice of one prompt. */
  List<String> misunderstood() {
    return List.copyOf(misunderstood);
  }

  int connections() {
    return connections.get();
  }

  @Override
  public void close() {
    vertx.close().await();
  }

  private void asked(HttpServerRequest request, Buffer body) {
    JsonNode json = Json.read(body.toString());
    try {
      Dialect dialect =
          Stream.of(Dialect.values())
              .filter(one -> one.path().equals(request.path()))
              .findFirst()
              .orElseThrow();
      int number = requests.incrementAndGet();
      List<Call> together =
          AskedCall.of(dialect, request.getHeader("Authorization"), json).stream()
              .map(call -> remembered(number, request.getHeader("X-Tag"), call))
              .toList();
      Call call =
          together.stream()
              .filter(one -> one.call().upstreamFault() != UpstreamFault.NONE)
              .findFirst()
              .orElse(together.get(0));
      AnswerSteps answerSteps =
          new AnswerSteps(call, together, request.response(), request.connection());
      boolean stream = json.path("stream").asBoolean();
      boolean usage = json.path("stream_options").path("include_usage").asBoolean();
      inTurn(call.number(), stream ? answerSteps.stream(usage) : answerSteps.whole());
    } catch (IllegalArgumentException notOne) {
      misunderstood.add(request.getHeader("X-Tag") + ": " + notOne.getMessage());
      request.response().setStatusCode(400).end("{\"error\":{}}");
    }
  }

  private Call remembered(int request, String tag, AskedCall asked) {
    Call call = new Call(numbers.incrementAndGet(), request, tag, asked);
    calls.put(call.number(), call);
    byTag.computeIfAbsent(tag, name -> new ConcurrentLinkedQueue<>()).add(call);
    return call;
  }

  private void inTurn(int number, Queue<Runnable> steps) {
    pass(vertx.getOrCreateContext(), leisure == 0 ? 0 : number * 7 % leisure, steps);
  }

  private void pass(Context context, int turns, Queue<Runnable> steps) {
    context.runOnContext(
        v -> {
          if (turns > 0) {
            pass(context, turns - 1, steps);
          } else if (!steps.isEmpty()) {
            steps.remove().run();
            pass(context, leisure == 0 ? 0 : steps.size() * 5 % leisure, steps);
          }
        });
  }

  /** The steps of one answer: to the first call that is in trouble, if any is. */
  private record AnswerSteps(
      Call call, List<Call> together, HttpServerResponse response, HttpConnection connection) {
    Queue<Runnable> whole() {
      return new ArrayDeque<>(
          List.of(
              switch (call.call().upstreamFault()) {
                case NONE -> () -> document("\"stop\"");
                case UNFINISHED -> () -> document("null");
                case REPORTED -> () -> response.end(error());
                case CUT ->
                    () ->
                        response
                            .putHeader("Content-Length", "99")
                            .write("{\"id\":")
                            .onComplete(v -> connection.close());
                default -> () -> refuse();
              }));
    }

    private void refuse() {
      switch (call.call().upstreamFault()) {
        case LATER -> response.setStatusCode(429).putHeader("Retry-After", "7").end(error());
        case BROKEN -> response.setStatusCode(500).end(error());
        default -> connection.close();
      }
    }

    private void document(String finish) {
      if (call.call().dialect() == Dialect.EMBEDDINGS) {
        vectors();
        return;
      }
      response
          .putHeader("Content-Type", "application/json")
          .end(
              "{\"id\":\"%d\",\"object\":\"text_completion\",\"choices\":[%s],\"usage\":%s}"
                  .formatted(call.number(), choice("message", call.text(), finish), usage()));
    }

    Queue<Runnable> stream(boolean usage) {
      Queue<Runnable> steps = new ArrayDeque<>();
      UpstreamFault upstreamFault = call.call().upstreamFault();
      if (upstreamFault.refuses()) {
        steps.add(() -> refuse());
        return steps;
      }
      steps.add(() -> response.setChunked(true).putHeader("Content-Type", "text/event-stream"));
      String[] words = call.text().split("(?<=/)");
      int last = words.length - 1;
      for (int i = 0; i < (upstreamFault == UpstreamFault.REPORTED ? 1 : last); i++) {
        String word = words[i];
        steps.add(() -> say(choice("delta", word, "null")));
      }
      switch (upstreamFault) {
        case REPORTED -> steps.add(() -> event(error()));
        case CUT -> {}
        default ->
            steps.add(
                () ->
                    say(
                        choice(
                            "delta",
                            words[last],
                            upstreamFault == UpstreamFault.NONE ? "\"stop\"" : "null")));
      }
      boolean whole =
          upstreamFault == UpstreamFault.NONE || upstreamFault == UpstreamFault.UNFINISHED;
      if (whole && usage) {
        steps.add(() -> event(chunk("", ",\"usage\":" + usage())));
      }
      // [DONE] may be missing where all is said.
      if (upstreamFault == UpstreamFault.UNFINISHED || (whole && call.number() % 3 > 0)) {
        steps.add(() -> event("[DONE]"));
      }
      steps.add(response::end);
      return steps;
    }

    private void say(String choice) {
      event(chunk(choice, ""));
    }

    private void event(String data) {
      response.write("data: " + data + "\n\n");
    }

    private String chunk(String choice, String more) {
      return "{\"id\":\"%d\",\"choices\":[%s]%s}".formatted(call.number(), choice, more);
    }

    /** The last first, as some servers answer. */
    private void vectors() {
      List<String> data = new ArrayList<>();
      for (int i = 0; i < together.size(); i++) {
        data.add(
            0,
            "{\"object\":\"embedding\",\"index\":%d,\"embedding\":\"%s\"}"
                .formatted(i, together.get(i).text()));
      }
      int tokens = together.stream().mapToInt(Call::tokens).sum();
      response
          .putHeader("Content-Type", "application/json")
          .end(Vectors.document(String.join(",", data), tokens));
    }

    private String choice(String member, String text, String finish) {
      String said =
          call.call().dialect() == Dialect.CHAT
              ? "\"%s\":{\"role\":\"assistant\",\"content\":\"%s\"}".formatted(member, text)
              : "\"text\":\"%s\"".formatted(text);
      return "{%s,\"index\":0,\"logprobs\":null,\"finish_reason\":%s}".formatted(said, finish);
    }

    private String usage() {
      int prompt = call.call().promptTokens();
      return "{\"prompt_tokens\":%d,\"completion_tokens\":%d,\"total_tokens\":%d}"
          .formatted(prompt, call.tokens() - prompt, call.tokens());
    }

    private String error() {
      return "{\"error\":{\"message\":\"%s\"}}".formatted(call.call().upstreamFault());
    }
  }
}
