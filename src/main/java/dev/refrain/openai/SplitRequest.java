package dev.refrain.openai;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import dev.refrain.inference.CallContext;
import dev.refrain.inference.Cancellation;
import dev.refrain.inference.Entry;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.Framing;
import dev.refrain.inference.Head;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceRequest.ResponseForm;
import dev.refrain.inference.Language.Cut;
import dev.refrain.inference.Part;
import dev.refrain.inference.Sharing;
import dev.refrain.inference.Split;
import dev.refrain.openai.AnswerScan.WholeProof;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * The division of a request by prompts and samples. Holds the request's one body and the
 * fingerprints; everything else of a part is made when it is requested.
 */
final class SplitRequest implements Split {
  // By these a server knows a call that it has seen before, or that is under way.
  private static final String IDEMPOTENCY_KEY = "idempotency-key";

  private final AnswerShape shape;
  private final SplitPlan plan;
  private final RequestBody body;
  private final SplitPoints points;
  private final List<Fingerprint> fingerprints;

  /**
   * A division.
   *
   * @param shape of the answers
   * @param body of the request
   * @param points where the body can be taken apart
   * @param fingerprints of each part, or none where the request is for itself alone
   */
  SplitRequest(
      AnswerShape shape,
      SplitPlan plan,
      RequestBody body,
      SplitPoints points,
      List<Fingerprint> fingerprints) {
    this.shape = shape;
    this.plan = plan;
    this.body = body;
    this.points = points;
    this.fingerprints = fingerprints;
  }

  @Override
  public int parts() {
    return plan.parts();
  }

  @Override
  public boolean asOne() {
    return plan.asOne();
  }

  @Override
  public boolean batched() {
    return plan.batched();
  }

  @Override
  public List<List<Integer>> batches(List<Integer> parts) {
    if (!points.seeded() || plan.samples() == 1) {
      return List.of(parts);
    }
    // A call has one seed, and each sample another.
    Map<Integer, List<Integer>> bySample =
        parts.stream().collect(groupingBy(plan::sample, TreeMap::new, toList()));
    return List.copyOf(bySample.values());
  }

  @Override
  public InferenceRequest batch(
      InferenceRequest whole, List<Integer> parts, Cancellation cancellation) {
    String suffix = suffix(parts);
    return new InferenceRequest(
        context(whole, suffix),
        whole.endpoint(),
        whole.model(),
        new ResponseForm(Framing.WHOLE, false, parts.size() * plan.choices()),
        new BatchBody(body, points, plan, parts),
        Split.NONE,
        whole.language(),
        whole.sharing(),
        whole.directives(),
        cancellation);
  }

  @Override
  public Part part(InferenceRequest whole, int part, Cancellation cancellation) {
    return new Part(
        request(whole, part, cancellation), plan.prompt(part), plan.first(part), plan.copies());
  }

  @Override
  public List<Entry> entries(InferenceRequest whole, Entry entry) {
    if (!plan.asOne()) {
      return List.of();
    }
    return whole.language().streams().isPresent()
        ? PartEntries.of(shape, entry, plan, fingerprints)
        : documents(whole, entry);
  }

  // Documents need the usage, so that each gets a share of it.
  private List<Entry> documents(InferenceRequest whole, Entry entry) {
    List<InferenceRequest> parts =
        IntStream.range(0, parts())
            .mapToObj(part -> request(whole, part, new Cancellation()))
            .toList();
    return whole
        .language()
        .cut(entry.body(), parts)
        .map(cut -> documents(entry, parts, cut))
        .orElse(List.of());
  }

  private List<Entry> documents(Entry entry, List<InferenceRequest> parts, Cut cut) {
    Head merged = entry.head().merged();
    Head head = cut.exact() ? merged : merged.apportioned();
    return IntStream.range(0, parts.size())
        .mapToObj(part -> document(part, entry, head, cut.bodies().get(part)))
        .toList();
  }

  private Entry document(int part, Entry whole, Head head, Buffer body) {
    return new Entry(
        fingerprints.get(part),
        Framing.WHOLE,
        head,
        body,
        WholeProof.of(shape, body, plan.choices()).tokens(),
        whole.storedAt(),
        whole.model(),
        whole.scope(),
        whole.ttl(),
        whole.namespace(),
        whole.endpoint());
  }

  private InferenceRequest request(InferenceRequest whole, int part, Cancellation cancellation) {
    return new InferenceRequest(
        context(whole, suffix(part)),
        whole.endpoint(),
        whole.model(),
        new ResponseForm(whole.framing(), whole.usage(), plan.choices()),
        new PartBody(body, points, plan, part),
        Split.NONE,
        whole.language(),
        sharing(whole, part),
        whole.directives(),
        cancellation);
  }

  private static CallContext context(InferenceRequest whole, String suffix) {
    CallContext call = whole.call();
    return new CallContext(
        call.id() + suffix, headers(whole, suffix), call.listener(), call.costs());
  }

  private static MultiMap headers(InferenceRequest whole, String suffix) {
    String key = whole.headers().get(IDEMPOTENCY_KEY);
    if (key == null) {
      return whole.headers();
    }
    MultiMap headers = HttpHeaders.headers().addAll(whole.headers());
    return headers.set(IDEMPOTENCY_KEY, key + suffix);
  }

  private Sharing sharing(InferenceRequest whole, int part) {
    return whole.sharing() instanceof Sharing.Shareable shareable
        ? new Sharing.Shareable(fingerprints.get(part), shareable.scope(), shareable.namespace())
        : whole.sharing();
  }

  /** Suffix of the name of a call for several parts. */
  static String suffix(List<Integer> parts) {
    return suffix(parts.get(0)) + "b";
  }

  /** Suffix of the name of one part of a call. */
  static String suffix(int part) {
    return "-" + part;
  }
}
