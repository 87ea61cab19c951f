package dev.refrain.cli;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpRequest;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code cache explain}: asks a running Refrain what a request meets in its cache. */
@Command(
    name = "explain",
    description = {
      "Says what a request meets in the cache of a running Refrain, without sending it upstream:",
      "the rule, whether its answer is shared, where it is stored, and if it is not, the fields in",
      "which the nearest stored request differs."
    },
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:the request was explained",
      "1:Refrain did not answer, or refused the request",
      "2:the command line is wrong"
    })
final class ExplainCommand implements Callable<Integer> {
  private static final int PATIENCE_SECONDS = 30;
  private static final int NOT_FOUND = 404;
  private static final int OK = 200;

  private final Map<String, String> env;

  @Option(
      names = "--request",
      paramLabel = "FILE",
      required = true,
      description = "The body of the request.")
  private Path request;

  @Option(
      names = "--endpoint",
      paramLabel = "PATH",
      description = "Where the request goes (default: by its fields).")
  private String endpoint;

  @Option(
      names = "--header",
      paramLabel = "NAME:VALUE",
      description = "A header field of the request; may be repeated.")
  private List<String> headers = List.of();

  @Option(
      names = "--url",
      paramLabel = "URL",
      description = "The management port (default: http://127.0.0.1:9090).")
  private String url;

  @Option(
      names = "--token",
      paramLabel = "TOKEN",
      description = "Its token (default: REFRAIN_MANAGEMENT_TOKEN).")
  private String token;

  @Option(names = "--json", description = "Print the JSON document.")
  private boolean json;

  @Spec private CommandSpec spec;

  ExplainCommand(Map<String, String> env) {
    this.env = env;
  }

  @Override
  public Integer call() throws Exception {
    JsonObject question = question();
    Vertx vertx = Vertx.vertx();
    try {
      HttpResponse<Buffer> answer = ask(vertx, question).await(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (answer.statusCode() != OK) {
        return failed(refusal(answer));
      }
      JsonObject explained = answer.bodyAsJsonObject();
      spec.commandLine().getOut().print(json ? explained.encodePrettily() + "\n" : text(explained));
      spec.commandLine().getOut().flush();
      return ExitCode.OK;
    } catch (ParameterException wrong) {
      throw wrong;
    } catch (Exception unreachable) { // the client's own, whichever they are
      return failed("no answer from " + base());
    } finally {
      vertx.close().await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
  }

  private JsonObject question() {
    JsonObject fields = new JsonObject();
    for (String header : headers) {
      int colon = header.indexOf(':');
      if (colon < 1) {
        throw wrong("--header: expected: NAME:VALUE");
      }
      fields.put(header.substring(0, colon).trim(), header.substring(colon + 1).trim());
    }
    JsonObject question = new JsonObject().put("headers", fields);
    if (endpoint != null) {
      question.put("endpoint", endpoint);
    }
    try {
      return question.put("body", Files.readString(request));
    } catch (IOException unreadable) {
      throw wrong("--request: the file cannot be read as text");
    }
  }

  private Future<HttpResponse<Buffer>> ask(Vertx vertx, JsonObject question) {
    HttpRequest<Buffer> post;
    try {
      post = WebClient.create(vertx).postAbs(base() + "/cache/explain");
    } catch (RuntimeException noUrl) {
      throw wrong("--url: expected: the URL of the management port");
    }
    String secret = token == null ? env.getOrDefault("REFRAIN_MANAGEMENT_TOKEN", "") : token;
    if (!secret.isEmpty()) {
      post.bearerTokenAuthentication(secret);
    }
    return post.putHeader("Content-Type", "application/json").sendBuffer(question.toBuffer());
  }

  private String base() {
    String port = env.getOrDefault("REFRAIN_MANAGEMENT_PORT", "9090");
    return url == null ? "http://127.0.0.1:" + port : url.replaceAll("/+$", "");
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private int failed(String message) {
    spec.commandLine().getErr().println("refrain: " + message);
    return ExitCode.SOFTWARE;
  }

  private static String refusal(HttpResponse<Buffer> answer) {
    if (answer.statusCode() == NOT_FOUND) {
      return "this is not a management port of Refrain";
    }
    try {
      return answer.bodyAsJsonObject().getJsonObject("error").getString("message");
    } catch (RuntimeException strange) {
      return "refused with status " + answer.statusCode();
    }
  }

  private static String text(JsonObject explained) {
    StringBuilder text = new StringBuilder();
    line(text, "request", explained.getString("endpoint") + ", " + explained.getString("model"));
    line(text, "rule", explained.getString("rule"));
    String why = explained.getString("why");
    line(text, "shared", explained.getBoolean("shared") ? "yes (" + why + ")" : "no: " + why);
    if (!explained.getBoolean("shared")) {
      return text.toString();
    }
    String namespace = explained.getString("namespace");
    line(text, "namespace", namespace.isEmpty() ? "the common one" : namespace);
    if (explained.containsKey("sample")) {
      line(text, "sample", explained.getLong("sample").toString());
    }
    JsonArray parts = explained.getJsonArray("parts");
    if (parts == null) {
      stored(text, "stored", explained);
    } else {
      for (int i = 0; i < parts.size(); i++) {
        stored(text, "part " + i, parts.getJsonObject(i));
      }
    }
    return text.toString();
  }

  private static void stored(StringBuilder text, String label, JsonObject part) {
    String tier = part.getString("tier");
    line(text, label, tier == null ? "no" : "in " + tier + ", " + numbers(part));
    JsonObject nearest = part.getJsonObject("nearest");
    if (nearest != null) {
      String differs =
          nearest.getJsonArray("differs").stream()
              .map(Object::toString)
              .collect(Collectors.joining(", "));
      line(text, "nearest", "differs in: " + differs);
      line(text, "", "in memory, " + numbers(nearest));
      line(text, "", "fingerprint " + nearest.getString("fingerprint"));
    }
    line(text, "fingerprint", part.getString("fingerprint"));
  }

  private static String numbers(JsonObject stored) {
    return "%d bytes, %d s old, fresh for %d s"
        .formatted(stored.getLong("size"), stored.getLong("age"), stored.getLong("ttl"));
  }

  private static void line(StringBuilder text, String label, String value) {
    text.append("%-12s%s%n".formatted(label, value));
  }
}
