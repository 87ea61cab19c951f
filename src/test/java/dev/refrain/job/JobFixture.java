package dev.refrain.job;

import dev.refrain.Api;
import dev.refrain.cassette.Cassette;
import dev.refrain.cassette.CassetteFiles;
import dev.refrain.cassette.Exchange;
import dev.refrain.cassette.RequestForms;
import dev.refrain.inference.Observer;
import dev.refrain.job.ReplayHandler.Pace;
import dev.refrain.memory.MemoryBudget;
import dev.refrain.openai.CanonicalBody;
import dev.refrain.upstream.HttpClients;
import dev.refrain.upstream.Target;
import dev.refrain.upstream.passthrough.PassThrough;
import dev.refrain.upstream.passthrough.PassThrough.Origin;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** A port as {@code record} or {@code replay} opens it, and a client for it. */
final class JobFixture implements AutoCloseable {
  static final String KEY = "sk-1234567890abcdef";

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  final List<String> said = new CopyOnWriteArrayList<>();
  private final Vertx vertx = Vertx.vertx();
  private final Context loop = vertx.getOrCreateContext();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(PATIENCE).build();
  private JobServer server;
  private RecordHandler recorder;
  private ReplayHandler player;

  private JobFixture() {}

  static RequestForms forms() {
    return new RequestForms(new CanonicalBody(Api.ENDPOINTS));
  }

  static JobFixture recording(String upstream) {
    return recording(upstream, List.of(), new RecordLimits(1 << 20, 1 << 24), null);
  }

  static JobFixture recording(
      String upstream, List<Exchange> before, RecordLimits limits, String apiKey) {
    JobFixture job = new JobFixture();
    job.open(
        () ->
            job.recorder =
                new RecordHandler(
                    job.vertx,
                    forms(),
                    job.passThrough(upstream, apiKey),
                    apiKey,
                    new Cassette(before),
                    limits,
                    Pricing.NONE,
                    job.said::add));
    return job;
  }

  static JobFixture replaying(List<Exchange> exchanges, Pace pace, Pricing pricing) {
    JobFixture job = new JobFixture();
    job.open(
        () ->
            job.player =
                new ReplayHandler(
                    job.vertx,
                    forms(),
                    new Cassette(exchanges),
                    pace,
                    1 << 20,
                    pricing,
                    job.said::add));
    return job;
  }

  private PassThrough passThrough(String upstream, String apiKey) {
    Target target =
        new Target(
            "u",
            URI.create(upstream),
            List.of(),
            apiKey,
            PATIENCE,
            PATIENCE,
            PATIENCE,
            PATIENCE,
            64,
            64,
            Target.Transport.DIRECT);
    return new PassThrough(
        vertx,
        HttpClients.single(vertx),
        List.of(new Origin(target, List.of())),
        PATIENCE,
        MemoryBudget.unlimited(),
        Observer.NONE);
  }

  private void open(Supplier<Handler<HttpServerRequest>> handler) {
    server = on(() -> JobServer.open(vertx, handler.get()));
  }

  private <T> T on(Supplier<Future<T>> action) {
    Promise<T> done = Promise.promise();
    loop.runOnContext(v -> action.get().onComplete(done));
    try {
      return done.future().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (Exception failed) {
      throw new AssertionError(failed);
    }
  }

  /** Ends the recording; the exchanges as they are read from their file. */
  List<Exchange> finish(Path file) throws IOException {
    List<Exchange> exchanges = on(() -> recorder.finish(PATIENCE));
    CassetteFiles.write(file, exchanges);
    return new CassetteFiles(forms(), 1 << 26).read(file, true);
  }

  JobReport report() {
    return on(() -> Future.succeededFuture(recorder == null ? player.report() : recorder.report()));
  }

  String url() {
    return server.url().replace("/v1", "");
  }

  HttpResponse<byte[]> post(String path, String body) {
    return send(request(path).POST(BodyPublishers.ofString(body)));
  }

  HttpResponse<byte[]> get(String path) {
    return send(request(path));
  }

  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(url() + path))
        .timeout(PATIENCE)
        .header("Authorization", "Bearer " + KEY)
        .header("Content-Type", "application/json");
  }

  HttpResponse<byte[]> send(HttpRequest.Builder request) {
    return start(request).join();
  }

  CompletableFuture<HttpResponse<byte[]>> start(HttpRequest.Builder request) {
    return client.sendAsync(request.build(), BodyHandlers.ofByteArray());
  }

  @Override
  public void close() {
    on(server::close);
    vertx.close();
  }
}
