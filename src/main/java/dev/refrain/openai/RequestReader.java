package dev.refrain.openai;

import dev.refrain.inference.CachePolicy;
import dev.refrain.inference.CallContext;
import dev.refrain.inference.Cancellation;
import dev.refrain.inference.Content;
import dev.refrain.inference.Directives;
import dev.refrain.inference.Endpoint;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.Framing;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceRequest.ResponseForm;
import dev.refrain.inference.Sample;
import dev.refrain.inference.Sharing;
import dev.refrain.inference.Split;
import dev.refrain.inference.fields.FieldRoles;
import dev.refrain.inference.fields.QueryFields;
import dev.refrain.inference.fields.Scope;
import dev.refrain.json.Canonical;
import dev.refrain.json.Edits;
import dev.refrain.json.Utf8;
import dev.refrain.openai.ModelRoute.Repetition;
import dev.refrain.openai.RequestSchema.Bounds;
import dev.refrain.rules.Rule;
import dev.refrain.rules.Rule.Caching;
import dev.refrain.rules.Rules;
import dev.refrain.rules.Rules.RequestFacts;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Reads requests to one endpoint: bytes and headers in, an {@link InferenceRequest} out, or a
 * {@link Failure} of kind {@code INVALID} that names the field. Lenient in syntax, strict in
 * meaning.
 *
 * <p>Threads: one for each event loop; it uses its digest and its buffers again and again.
 *
 * <p>Source: OpenAI API reference; docs/internals/decisions/0004 (fingerprint) and 0005 (lenient
 * types).
 */
public final class RequestReader {
  private final EndpointDefinition definition;
  private final Map<String, Field> table;
  private final int most;
  private final Repetition repetition;
  private final Function<String, ModelRoute> routes;
  private final boolean enabled;
  private final FieldRoles roles;
  private final Rules rules;
  private final Canonical canonical = new Canonical();
  private final Fingerprints fingerprints = new Fingerprints(canonical);

  /**
   * A reader.
   *
   * @param definition of the endpoint
   * @param repetition meaning of several choices at temperature 0
   * @param routes the route of each model; may throw a {@link Failure} for an unknown model
   * @param caching whether anything may be stored
   */
  public RequestReader(
      EndpointDefinition definition,
      Bounds bounds,
      Repetition repetition,
      Function<String, ModelRoute> routes,
      boolean caching) {
    this(definition, bounds, repetition, routes, caching, FieldRoles.DEFAULT, Rules.NONE);
  }

  /**
   * A reader.
   *
   * @param roles which header fields count, and for what
   * @param rules of the operator, on what is stored
   */
  public RequestReader(
      EndpointDefinition definition,
      Bounds bounds,
      Repetition repetition,
      Function<String, ModelRoute> routes,
      boolean caching,
      FieldRoles roles,
      Rules rules) {
    this.definition = definition;
    this.table = definition.request().table(bounds);
    this.most = bounds.elements();
    this.repetition = repetition;
    this.routes = routes;
    this.enabled = caching;
    this.roles = roles;
    this.rules = rules.at(definition.endpoint());
  }

  /** The endpoint whose requests it reads. */
  public Endpoint endpoint() {
    return definition.endpoint();
  }

  /** Whether the path of the endpoint has no other method than POST. */
  public boolean postOnly() {
    return definition.postOnly();
  }

  /**
   * The scope of a request.
   *
   * @param tenant of the caller's key, or null
   * @param target path and query
   */
  public Scope scope(String tenant, MultiMap headers, String target) {
    return Scope.of(roles, tenant, headers, target);
  }

  /**
   * Reads one request; throws {@link Failure} if it has no meaning.
   *
   * @param context its id, its headers and its listeners
   * @param endpoint path and query as requested
   * @param scope identifies the caller
   */
  public InferenceRequest read(
      CallContext context, String endpoint, Scope scope, Buffer body, Cancellation cancellation) {
    return read(context, endpoint, scope, body, null, cancellation);
  }

  /**
   * The same.
   *
   * @param sample the number of a request that was {@link Sharing.Unnumbered} without it, or null
   */
  public InferenceRequest read(
      CallContext context,
      String endpoint,
      Scope scope,
      Buffer body,
      Sample sample,
      Cancellation cancellation) {
    byte[] bytes = body.getBytes();
    int invalid = Utf8.firstInvalid(bytes);
    if (invalid >= 0) {
      throw Failure.invalid(null, "the body is not UTF-8 at byte " + invalid + " (RFC 8259 §8.1)");
    }
    try {
      BodyScan scan = new BodyScan(table, canonical, most);
      scan.scan(bytes);
      Reading reading = reading(context.headers(), endpoint, scope, scan, sample);
      InferenceRequest request =
          new InferenceRequest(
              context,
              endpoint,
              scan.model(),
              new ResponseForm(scan.framing(), scan.usage(), scan.elements()),
              content(body, reading),
              Split.NONE,
              definition.language(),
              reading.sharing,
              reading.directives,
              cancellation);
      return reading.isOne() ? request : divided(request, body, reading);
    } finally {
      canonical.clear();
    }
  }

  private Reading reading(
      MultiMap headers, String endpoint, Scope asked, BodyScan scan, Sample numbered) {
    DirectivesReader.Parsed parsed = DirectivesReader.read(headers);
    RefrainHeaders own = RefrainHeaders.read(asked.fields().directives());
    Rule rule = rule(scan, headers, asked.tenant());
    Numbering numbering = Numbering.of(definition.request(), scan, own, rule, numbered);
    CachePolicy policy = own.over(rule.policy(), rules.ttl());
    if (numbering.sample() != null) {
      policy = policy.with(numbering.sample());
    }
    ModelRoute route = routes.apply(scan.model());
    Scope scope = route.credentials() ? asked : asked.withoutCredentials();
    Sharing.Reason alone = alone(scan, parsed.noStore(), own.force(), rule, numbering, scope);
    Sharing sharing =
        alone != null
            ? new Sharing.Unshareable(alone)
            : sharing(scan, policy, numbering, endpoint, route, scope);
    return new Reading(scan, numbering, route, scope, sharing, parsed.directives().with(policy));
  }

  /** What was read of a request, and what follows from it. */
  private record Reading(
      BodyScan scan,
      Numbering numbering,
      ModelRoute route,
      Scope scope,
      Sharing sharing,
      Directives directives) {
    boolean isShareable() {
      return sharing instanceof Sharing.Shareable;
    }

    /** Whether it stays one request. */
    boolean isOne() {
      return scan.elements() == 1 || isIncomplete() || sharing instanceof Sharing.Unnumbered;
    }

    // The body does not say all of such a request, so that its parts would be other requests.
    private boolean isIncomplete() {
      return scan.stateful() || !scan.understood() || scope.fields().alone();
    }
  }

  private static Content content(Buffer body, Reading reading) {
    BodyScan scan = reading.scan;
    if (!scan.understood()) {
      return new Untouched(body, scan.usage());
    }
    RequestBody content = new RequestBody(body, scan.edits(), scan.spelling());
    long start = reading.isShareable() ? reading.numbering.start() : 0;
    if (start == 0) {
      return content;
    }
    Edits edits = new Edits(scan.edits());
    scan.points().moveSeed(start, edits);
    return content.with(edits);
  }

  /** A body that is sent as it came, because not all of it is understood. */
  private record Untouched(Buffer body, boolean asksUsage) implements Content {
    @Override
    public Buffer bytes(Framing framing, boolean usage) {
      return body;
    }
  }

  private Rule rule(BodyScan scan, MultiMap headers, String tenant) {
    if (rules.isEmpty()) {
      return Rule.DEFAULT;
    }
    return rules.first(
        new RequestFacts(
            definition.endpoint(),
            scan.model(),
            scan.temperature(),
            scan.points().seeded(),
            headers,
            tenant));
  }

  /** Why the answer is not shared; null if it is. */
  private Sharing.Reason alone(
      BodyScan scan, boolean noStore, boolean force, Rule rule, Numbering numbering, Scope scope) {
    // First of the reasons, because it also means that the call must not be repeated.
    if (scan.stateful()) {
      return Sharing.Reason.STATEFUL;
    }
    if (scope.fields().alone()) {
      return Sharing.Reason.HEADER;
    }
    // Before what the request asks for, so that it cannot undo a rule.
    if (!enabled || rule.caching() == Caching.OFF) {
      return Sharing.Reason.DISABLED;
    }
    if (noStore) {
      return Sharing.Reason.NO_STORE;
    }
    if (!scan.understood()) {
      return Sharing.Reason.NOT_UNDERSTOOD;
    }
    boolean shared = deterministic(scan) || rule.caching() == Caching.ON || force;
    return shared || numbering.isOneOfSeveral() ? null : Sharing.Reason.SAMPLED;
  }

  private Sharing sharing(
      BodyScan scan,
      CachePolicy policy,
      Numbering numbering,
      String endpoint,
      ModelRoute route,
      Scope scope) {
    String sent = sent(endpoint, route);
    String namespace = policy.namespace();
    if (!numbering.counter().isEmpty()) {
      String name = numbering.counter();
      return new Sharing.Unnumbered(
          fingerprints.counter(scope, namespace, sent, route.place(), scan, name),
          fingerprints.scope(scope),
          scan.points().n(),
          numbering.slots());
    }
    boolean movesSeed = route.mode() != ModelRoute.Mode.NATIVE;
    Fingerprint fingerprint =
        fingerprints.whole(
            scope, namespace, sent, route.place(), scan, numbering.start(), movesSeed);
    return new Sharing.Shareable(fingerprint, fingerprints.scope(scope), namespace);
  }

  private boolean deterministic(BodyScan scan) {
    return definition.request().deterministic(scan.deterministic());
  }

  private static String sent(String endpoint, ModelRoute route) {
    return route.credentials() ? endpoint : QueryFields.withoutCredentials(endpoint);
  }

  private InferenceRequest divided(InferenceRequest request, Buffer original, Reading reading) {
    BodyScan scan = reading.scan;
    boolean several = reading.isShareable() && reading.numbering.isOneOfSeveral();
    SplitPlan plan =
        SplitPlan.of(
            scan.points(),
            definition.request().mode(reading.route.mode()),
            repetition,
            deterministic(scan) && !several,
            reading.isShareable(),
            several ? reading.numbering.start() : 0);
    if (!plan.divides()) {
      return request;
    }
    RequestBody body = new RequestBody(original, scan.edits(), scan.spelling());
    List<Fingerprint> parts = reading.isShareable() ? parts(request, reading, plan) : List.of();
    return request.with(new SplitRequest(definition.answer(), plan, body, scan.points(), parts));
  }

  private List<Fingerprint> parts(InferenceRequest request, Reading reading, SplitPlan plan) {
    return fingerprints.parts(
        reading.scope,
        reading.directives.policy().namespace(),
        sent(request.endpoint(), reading.route),
        reading.route.place(),
        reading.scan,
        plan);
  }
}
