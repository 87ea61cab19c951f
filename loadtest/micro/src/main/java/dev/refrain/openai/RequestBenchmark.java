package dev.refrain.openai;

import dev.refrain.inference.CallContext;
import dev.refrain.inference.Cancellation;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.fields.FieldRoles;
import dev.refrain.json.Canonical;
import dev.refrain.json.Utf8;
import dev.refrain.openai.ModelRoute.Repetition;
import dev.refrain.openai.RequestSchema.Bounds;
import dev.refrain.openai.completions.Completions;
import dev.refrain.rules.Rule;
import dev.refrain.rules.Rules;
import dev.refrain.rules.Rules.RequestFacts;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.math.BigDecimal;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it costs to understand a request, and which part of that is reading, which is hashing, and
 * which could not be saved: SHA-256 over the same bytes is the floor under every fingerprint.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 4, time = 1)
public class RequestBenchmark {
  /** Bytes of the body. */
  @Param({Samples.SMALL, Samples.COMMON, Samples.LARGE})
  public int size;

  /** Rules of the operator, none of which applies. */
  @Param({"0", "20"})
  public int rules;

  private static final ModelRoute ROUTE = new ModelRoute("one", ModelRoute.Mode.SPLIT);

  private final MultiMap headers = Samples.headers();
  private final Map<String, Field> table = Completions.DEFINITION.request().table(Bounds.PUBLISHED);
  private final Canonical canonical = new Canonical();
  private RequestReader reader;
  private Rules asked;
  private MessageDigest sha256;
  private Buffer body;
  private byte[] bytes;

  /** Makes the body. */
  @Setup
  public void body() throws NoSuchAlgorithmException {
    sha256 = MessageDigest.getInstance("SHA-256");
    body = Samples.body(size, false);
    bytes = body.getBytes();
    asked = Samples.rules(rules).at(Completions.DEFINITION.endpoint());
    reader =
        new RequestReader(
            Completions.DEFINITION,
            Bounds.PUBLISHED,
            Repetition.REPLICATE,
            model -> ROUTE,
            true,
            FieldRoles.DEFAULT,
            Samples.rules(rules));
  }

  /** All of it: from the bytes to a request with its fingerprint. */
  @Benchmark
  public InferenceRequest read() {
    return reader.read(
        new CallContext("id", headers),
        "/v1/completions",
        Samples.scope(headers),
        body,
        new Cancellation());
  }

  /** The part of it that rules have: the facts of the request, and that none applies. */
  @Benchmark
  public Rule rule() {
    return asked.first(
        new RequestFacts(
            Completions.DEFINITION.endpoint(),
            "gpt-3.5-turbo-instruct",
            BigDecimal.ZERO,
            false,
            headers,
            null));
  }

  /** The one pass over the body that checks it and writes its canonical form. */
  @Benchmark
  public int scan() {
    canonical.clear();
    new BodyScan(table, canonical, Bounds.PUBLISHED.elements()).scan(bytes);
    return canonical.length();
  }

  /** The check that comes before it. */
  @Benchmark
  public int utf8() {
    return Utf8.firstInvalid(bytes);
  }

  /** The floor: the digest of the body as it came. */
  @Benchmark
  public byte[] digest() {
    return sha256.digest(bytes);
  }
}
