package dev.refrain;

import dev.refrain.inference.CachePolicy;
import dev.refrain.inference.CallContext;
import dev.refrain.inference.Cancellation;
import dev.refrain.inference.Failure;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.Sample;
import dev.refrain.inference.Sharing.Shareable;
import dev.refrain.inference.Sharing.Unnumbered;
import dev.refrain.inference.Sharing.Unshareable;
import dev.refrain.inference.fields.Scope;
import dev.refrain.keys.Key;
import dev.refrain.keys.Keyring;
import dev.refrain.openai.EndpointDefinition;
import dev.refrain.openai.RequestReader;
import dev.refrain.rules.Rule.Caching;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.HexFormat;
import java.util.List;

/**
 * A request as a configuration reads it: the rule that applies, and whether its answer is shared.
 *
 * @param request as read
 * @param why it is shared, or why not: the words of {@code detail} in {@code Cache-Status}, or
 *     {@code rule}, {@code run}, {@code sample}, {@code force}, {@code deterministic}
 */
public record RequestExplanation(InferenceRequest request, String why) {

  /** The same for the endpoints of the program. */
  public static RequestExplanation of(
      ConfigGeneration generation, String endpoint, MultiMap headers, Buffer body) {
    return of(generation, Api.ENDPOINTS, endpoint, headers, body);
  }

  /**
   * Reads a request; throws {@link Failure} if it has no meaning.
   *
   * @param endpoint path or label; null is by the fields of the body
   * @param headers from which a key of Refrain's own is removed
   */
  static RequestExplanation of(
      ConfigGeneration generation,
      List<EndpointDefinition> api,
      String endpoint,
      MultiMap headers,
      Buffer body) {
    EndpointDefinition definition =
        api.stream()
            .filter(each -> isNamed(each, endpoint == null ? endpoint(body) : endpoint))
            .findFirst()
            .orElseThrow(() -> Failure.invalid("endpoint", "not an endpoint that is cached"));
    String tenant = null;
    if (!generation.keyring().isEmpty()) {
      Key key = generation.keyring().find(headers);
      tenant = key == null ? null : key.tenant();
      Keyring.take(headers);
    }
    RequestReader reader = generation.reader(definition);
    String path = definition.endpoint().path();
    Scope scope = reader.scope(tenant, headers, path);
    CallContext context = new CallContext("explain", headers);
    InferenceRequest request = reader.read(context, path, scope, body, new Cancellation());
    if (request.sharing() instanceof Unnumbered) {
      // The first, because a question must not count.
      Sample first = new Sample(0, false);
      request = reader.read(context, path, scope, body, first, new Cancellation());
    }
    return new RequestExplanation(request, why(generation, request));
  }

  // A body that is no JSON is refused by the reader, which says why.
  private static String endpoint(Buffer body) {
    JsonObject fields;
    try {
      fields = new JsonObject(body);
    } catch (DecodeException | ClassCastException malformed) {
      fields = new JsonObject();
    }
    if (fields.containsKey("messages")) {
      return "chat";
    }
    return fields.containsKey("input") ? "embeddings" : "completions";
  }

  private static boolean isNamed(EndpointDefinition definition, String endpoint) {
    return definition.endpoint().path().equals(endpoint)
        || definition.endpoint().label().equals(endpoint);
  }

  private static String why(ConfigGeneration generation, InferenceRequest request) {
    if (request.sharing() instanceof Unshareable unshareable) {
      return unshareable.reason().label();
    }
    String rule = request.directives().policy().rule();
    Sample sample = request.directives().policy().sample();
    if (sample != null && request.headers().contains("x-refrain-run")) {
      return "run";
    }
    if (sample != null && request.headers().contains("x-refrain-sample")) {
      return "sample";
    }
    boolean on =
        generation.rules().list().stream()
            .anyMatch(each -> each.policy().rule().equals(rule) && each.caching() == Caching.ON);
    if (on || sample != null) {
      return "rule";
    }
    return request.headers().contains("x-refrain-cache") ? "force" : "deterministic";
  }

  /** The same as a document, without what is stored. */
  JsonObject document() {
    CachePolicy policy = request.directives().policy();
    JsonObject document =
        new JsonObject()
            .put("endpoint", request.endpoint())
            .put("model", request.model())
            .put("rule", policy.label())
            .put("shared", request.sharing() instanceof Shareable)
            .put("why", why)
            .put("namespace", policy.namespace());
    if (policy.sample() != null && request.sharing() instanceof Shareable) {
      document.put("sample", policy.sample().first());
    }
    if (request.sharing() instanceof Shareable shareable) {
      document.put("scope", HexFormat.of().toHexDigits(shareable.scope()));
    }
    return document;
  }

  /** The same in one line for people. */
  public String line() {
    CachePolicy policy = request.directives().policy();
    String rule = policy.rule().isEmpty() ? "no rule applies" : "rule " + policy.rule();
    boolean shared = request.sharing() instanceof Shareable;
    return "%s: %s, %s (%s)"
        .formatted(request.endpoint(), rule, shared ? "shared" : "not shared", why);
  }
}
