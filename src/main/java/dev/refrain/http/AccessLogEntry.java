package dev.refrain.http;

import dev.refrain.inference.Failure;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Sharing;
import dev.refrain.inference.Tokens;
import dev.refrain.inference.fields.FieldRoles;
import dev.refrain.inference.fields.Scope;
import dev.refrain.keys.Key;
import io.vertx.core.http.HttpServerRequest;
import java.util.HexFormat;
import java.util.Locale;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * An access log line that is written. Its fields have the names of the Elastic Common Schema, and
 * of OpenTelemetry's conventions for generative AI; what neither knows begins with {@code
 * refrain.}.
 *
 * <p>No query, no address, no header but the request's id, and of the body the model alone: the
 * rest is the caller's own. Who asked is a hash, the same that answers can be purged by, and the
 * name of their key where there are keys.
 */
final class AccessLogEntry implements AccessListener {
  private static final int LONGEST_NAME = 128;
  private static final int LONGEST_JOURNEY = 2048;

  private final HttpServerRequest request;
  private final long begin = System.nanoTime();
  private final StringBuilder steps;
  private String id;
  private Key key;
  private FieldRoles roles = FieldRoles.DEFAULT;
  private InferenceRequest asked;
  private InferenceResponse answer;
  private String upstream;
  private long firstByte;
  private boolean over;

  /**
   * A line of a request whose head has arrived.
   *
   * @param debugged whether it includes every step
   */
  AccessLogEntry(HttpServerRequest request, boolean detailed) {
    this.request = request;
    this.steps = detailed ? new StringBuilder() : null;
    this.id = RequestContext.idOf(request);
  }

  @Override
  public boolean isDetailed() {
    return steps != null;
  }

  @Override
  public void named(String name) {
    id = name;
  }

  @Override
  public void roles(FieldRoles known) {
    roles = known;
  }

  @Override
  public void opened(Key by) {
    key = by;
  }

  @Override
  public void authenticated(InferenceRequest completion) {
    asked = completion;
  }

  @Override
  public void responding(InferenceResponse response) {
    answer = response;
  }

  @Override
  public void firstByte() {
    firstByte = elapsed();
  }

  @Override
  public void step(Step step, String whom) {
    if (over) {
      return; // a call can outlive the request it was made for
    }
    if (step == Step.ANSWERED) {
      upstream = whom;
    }
    if (steps != null && steps.length() < LONGEST_JOURNEY) {
      steps.append(steps.isEmpty() ? "" : ", ").append(elapsed() / 1000).append("us ");
      steps.append(step.label()).append(whom.isEmpty() ? "" : " ").append(whom);
    }
  }

  @Override
  public void ended(int status, long bytes) {
    if (asked == null || answer == null) {
      write("answered", status, bytes, "pass", null);
      return;
    }
    String outcome = CacheStatus.outcome(asked, answer.provenance());
    String reason =
        asked.sharing() instanceof Sharing.Unshareable unshareable
            ? unshareable.reason().label()
            : null;
    String ending = status == Failure.Kind.CANCELLED.status() ? "left" : "answered";
    write(ending, status, bytes, outcome, reason);
  }

  @Override
  public void refused(Failure failure, long bytes) {
    if (upstream == null) {
      upstream = failure.origin();
    }
    String ending = failure.kind() == Failure.Kind.CANCELLED ? "left" : "refused";
    write(ending, failure.kind().status(), bytes, ending, failure.kind().code());
  }

  private void write(String ending, int status, long bytes, String outcome, String reason) {
    if (over) {
      return;
    }
    over = true;
    long nanos = elapsed();
    LoggingEventBuilder line = AccessLog.LOG.atInfo();
    add(line, "http.request.id", id);
    line.addKeyValue("http.request.method", cut(request.method().name()));
    line.addKeyValue("url.path", cut(request.path()));
    line.addKeyValue("http.response.status_code", status);
    line.addKeyValue("http.response.body.bytes", bytes);
    line.addKeyValue("event.duration", nanos);
    line.addKeyValue("refrain.first_byte", firstByte == 0 ? nanos : firstByte);
    line.addKeyValue("refrain.outcome", outcome);
    add(line, "refrain.reason", reason);
    add(line, "refrain.upstream", upstream);
    line.addKeyValue("refrain.scope", HexFormat.of().toHexDigits(scope()));
    add(line, "refrain.key", key == null ? null : key.name());
    addCompletion(line);
    add(line, "refrain.steps", steps);
    line.log(ending);
  }

  private void addCompletion(LoggingEventBuilder line) {
    if (asked == null) {
      return;
    }
    line.addKeyValue("gen_ai.request.model", cut(asked.model()));
    line.addKeyValue("refrain.framing", asked.framing().name().toLowerCase(Locale.ROOT));
    if (answer == null) {
      return;
    }
    line.addKeyValue("refrain.source", answer.provenance().source().label());
    Tokens tokens = answer.tokens();
    if (tokens.known()) {
      line.addKeyValue("gen_ai.usage.input_tokens", tokens.prompt());
      line.addKeyValue("gen_ai.usage.output_tokens", tokens.completion());
    }
  }

  private long scope() {
    return asked != null && asked.sharing() instanceof Sharing.Shareable shareable
        ? shareable.scope()
        : Scope.of(roles, key == null ? null : key.tenant(), request.headers(), target()).hash();
  }

  private String target() {
    return request.uri() == null ? "" : request.uri();
  }

  private static void add(LoggingEventBuilder line, String name, CharSequence value) {
    if (value != null) {
      line.addKeyValue(name, value.toString());
    }
  }

  private static String cut(String text) {
    return text == null || text.length() <= LONGEST_NAME ? text : text.substring(0, LONGEST_NAME);
  }

  private long elapsed() {
    return System.nanoTime() - begin;
  }
}
