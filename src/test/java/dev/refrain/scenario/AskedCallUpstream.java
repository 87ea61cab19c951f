package dev.refrain.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import dev.refrain.testing.Json;
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
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The upstream of {@link FanOutModelTest}: answers each {@link AskedCall} as {@link UpstreamFault}
 * has it, and remembers every call. Quick: one event loop, connections kept.
 */
final class AskedCallUpstream implements AutoCloseable {
  /** A call, in the order of arrival. */
  record Call(int number, String tag, AskedCall call) {
    String text() {
      return call.text(number);
    }

    int tokens() {
      return call.promptTokens() + AskedCall.completionTokens(text());
    }
  }

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final HttpServer server;
  private final Map<Integer, Call> calls = new ConcurrentHashMap<>();
  private final Map<String, Queue<Call>> byTag = new ConcurrentHashMap<>();
  private final Queue<String> misunderstood = new ConcurrentLinkedQueue<>();
  private final AtomicInteger numbers = new AtomicInteger();
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

  int calls() {
    return numbers.get();
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
      AskedCall verse = AskedCall.of(request.getHeader("Authorization"), json);
      Call call = new Call(numbers.incrementAndGet(), request.getHeader("X-Tag"), verse);
      calls.put(call.number(), call);
      byTag.computeIfAbsent(call.tag(), tag -> new ConcurrentLinkedQueue<>()).add(call);
      AnswerSteps answerSteps = new AnswerSteps(call, request.response(), request.connection());
      boolean stream = json.path("stream").asBoolean();
      boolean usage = json.path("stream_options").path("include_usage").asBoolean();
      inTurn(call.number(), stream ? answerSteps.stream(usage) : answerSteps.whole());
    } catch (IllegalArgumentException notOne) {
      misunderstood.add(request.getHeader("X-Tag") + ": " + notOne.getMessage());
      request.response().setStatusCode(400).end("{\"error\":{}}");
    }
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

  /** The steps of one answer. */
  private record AnswerSteps(Call call, HttpServerResponse response, HttpConnection connection) {
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
      response
          .putHeader("Content-Type", "application/json")
          .end(
              "{\"id\":\"%d\",\"object\":\"text_completion\",\"choices\":[%s],\"usage\":%s}"
                  .formatted(call.number(), choice(call.text(), finish), usage()));
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
        steps.add(() -> say(choice(word, "null")));
      }
      switch (upstreamFault) {
        case REPORTED -> steps.add(() -> event(error()));
        case CUT -> {}
        default ->
            steps.add(
                () ->
                    say(
                        choice(
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

    private static String choice(String text, String finish) {
      return "{\"text\":\"%s\",\"index\":0,\"logprobs\":null,\"finish_reason\":%s}"
          .formatted(text, finish);
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
