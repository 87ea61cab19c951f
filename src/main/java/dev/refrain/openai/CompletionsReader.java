package dev.refrain.openai;

import dev.refrain.completion.Cancellation;
import dev.refrain.completion.CompletionRequest;
import dev.refrain.completion.Division;
import dev.refrain.completion.Failure;
import dev.refrain.completion.Fingerprint;
import dev.refrain.completion.Language;
import dev.refrain.completion.Sharing;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Reads requests to {@code POST /v1/completions}: bytes and headers in, a {@link CompletionRequest}
 * out, or a {@link Failure} of kind {@code INVALID} that names the field. Lenient at the door,
 * strict in meaning.
 *
 * <p>Threads: one for each event loop; it uses its digest and its buffers again and again.
 *
 * <p>Source: OpenAI API reference, Completions; docs/decisions/0004 (fingerprint) and 0005 (lenient
 * types).
 */
public final class CompletionsReader {
  /** The path of the endpoint. */
  public static final String ENDPOINT = "/v1/completions";

  private static final byte[] FORMAT = "refrain/1\n".getBytes(StandardCharsets.US_ASCII);

  private final Map<String, Field> table;
  private final UnaryOperator<String> route;
  private final boolean caching;
  private final Language language;
  private final Canonical canonical = new Canonical();
  private final MessageDigest sha256 = sha256();

  /**
   * A reader.
   *
   * @param route from a model to the place that answers it, as far as answers may differ by it; may
   *     throw a {@link Failure} for a model nobody serves
   * @param caching whether anything may be kept at all
   */
  public CompletionsReader(
      Bounds bounds, UnaryOperator<String> route, boolean caching, Language language) {
    this.table = Field.table(bounds);
    this.route = route;
    this.caching = caching;
    this.language = language;
  }

  /**
   * Reads one request; throws {@link Failure} if it has no meaning.
   *
   * @param endpoint path and query as asked for, {@link #ENDPOINT} for a plain request
   */
  public CompletionRequest read(
      String id, String endpoint, MultiMap headers, Buffer body, Cancellation cancellation) {
    byte[] bytes = body.getBytes();
    int invalid = Utf8.firstInvalid(bytes);
    if (invalid >= 0) {
      throw Failure.invalid(null, "the body is not UTF-8 at byte " + invalid + " (RFC 8259 §8.1)");
    }
    try {
      return read(id, endpoint, headers, body, bytes, cancellation);
    } finally {
      canonical.clear();
    }
  }

  private CompletionRequest read(
      String id,
      String endpoint,
      MultiMap headers,
      Buffer body,
      byte[] bytes,
      Cancellation cancellation) {
    BodyScan scan = new BodyScan(table, canonical);
    scan.scan(bytes);
    DirectivesReader.Said said = DirectivesReader.read(headers);
    return new CompletionRequest(
        id,
        endpoint,
        scan.model(),
        scan.framing(),
        scan.usage(),
        scan.elements(),
        headers,
        new RequestBody(body, scan.edits(), scan.spelling()),
        Division.NONE,
        language,
        sharing(scan, said, endpoint, headers),
        said.directives(),
        cancellation);
  }

  private Sharing sharing(
      BodyScan scan, DirectivesReader.Said said, String endpoint, MultiMap headers) {
    String place = route.apply(scan.model());
    if (!caching) {
      return new Sharing.Alone(Sharing.Reason.DISABLED);
    }
    if (said.noStore()) {
      return new Sharing.Alone(Sharing.Reason.NO_STORE);
    }
    if (scan.stateful()) {
      return new Sharing.Alone(Sharing.Reason.STATEFUL);
    }
    if (!scan.deterministic() && !said.force()) {
      return new Sharing.Alone(Sharing.Reason.SAMPLED);
    }
    Scope scope = Scope.of(headers);
    return new Sharing.Shareable(fingerprint(scan, endpoint, place, scope), scope.hash(sha256));
  }

  private Fingerprint fingerprint(BodyScan scan, String endpoint, String place, Scope scope) {
    sha256.reset();
    sha256.update(FORMAT);
    scope.addTo(sha256);
    line(endpoint);
    line(place);
    // A call for several choices is kept as one: how many belongs to what it is.
    line(String.valueOf(scan.n()));
    for (CanonicalMember member : scan.members()) {
      sha256.update(canonical.bytes(), member.from(), member.to() - member.from());
      sha256.update((byte) '\n');
    }
    return Fingerprint.of(sha256.digest());
  }

  // Neither canonical JSON nor these texts hold a line feed, so no two inputs run together.
  private void line(String text) {
    sha256.update(text.replace("\\", "\\\\").replace("\n", "\\n").getBytes(StandardCharsets.UTF_8));
    sha256.update((byte) '\n');
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
