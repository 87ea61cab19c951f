package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.testing.Dialect;
import dev.refrain.testing.Events;
import dev.refrain.testing.Proxy;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Many callers of two replicas at once. */
final class ConcurrentCallers {
  private static final int CALLERS = 500;

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Dialect dialect;
  private final Proxy one;
  private final Proxy two;
  private int round;

  ConcurrentCallers(Dialect dialect, Proxy one, Proxy two) {
    this.dialect = dialect;
    this.one = one;
    this.two = two;
  }

  /**
   * Asks until every event loop of both replicas is connected to Redis, and has shown once what it
   * can: a virtual machine that has just begun may outlast a lease over its first crowd.
   */
  void awaitAgreement() {
    askForTwentyThings(0);
    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> {
              String before = failedOpen();
              // At once, on connections that the event loops take in turns.
              Stream.generate(() -> Stream.of(one, two))
                  .limit(8)
                  .flatMap(both -> both)
                  .map(proxy -> send(proxy, dialect.asking("up " + round++)))
                  .toList()
                  .forEach(CompletableFuture::join);
              return failedOpen().equals(before);
            });
  }

  private String failedOpen() {
    return outcomes().lines().filter(line -> line.contains("failed_open")).toList().toString();
  }

  /** What became of calls that may be shared, and of look-ups, for a test that fails. */
  String outcomes() {
    return Stream.of(one, two)
        .flatMap(proxy -> proxy.manage("/metrics").body().lines())
        .filter(
            line ->
                line.startsWith("refrain_fleet_total")
                    || line.startsWith("refrain_cache_lookups_total"))
        .collect(Collectors.joining("\n", "\n", "\n"));
  }

  /**
   * Has 500 callers ask both replicas, in both framings and in some order, for twenty things.
   *
   * @return the texts they got
   */
  List<String> askForTwentyThings(long seed) {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < CALLERS; i++) {
      order.add(i);
    }
    Collections.shuffle(order, new Random(seed));
    List<CompletableFuture<String>> texts = order.stream().map(i -> ask(i, seed)).toList();
    return texts.stream().map(text -> text.orTimeout(60, TimeUnit.SECONDS).join()).toList();
  }

  /** Asks both for something new, and says whether the second has what the first was answered. */
  boolean isSharing() {
    String question = dialect.asking("shared " + round++);
    answered(one.postTo(dialect.path(), question));
    String status =
        answered(two.postTo(dialect.path(), question))
            .headers()
            .firstValue("Cache-Status")
            .orElseThrow();
    return status.contains("detail=redis") || status.contains("collapsed");
  }

  private HttpResponse<String> answered(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(dialect.text(answer.body())).isEqualTo(Dialect.TEXT);
    return answer;
  }

  private CompletableFuture<String> ask(int i, long seed) {
    String key = "key " + seed + "/" + i % 20;
    boolean stream = i / 20 % 2 == 0;
    Proxy proxy = i / 40 % 2 == 0 ? one : two;
    return send(proxy, stream ? dialect.streaming(key) : dialect.asking(key))
        .thenApply(answer -> stream ? Events.of(answer).text(0) : dialect.text(answer));
  }

  private CompletableFuture<String> send(Proxy proxy, String body) {
    return client
        .sendAsync(
            proxy.request(dialect.path()).POST(BodyPublishers.ofString(body)).build(),
            BodyHandlers.ofString())
        .thenApply(HttpResponse::body);
  }
}
