package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.testing.Dialect;
import dev.refrain.testing.ForkedProxy;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
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
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that is killed while it stores answers on disk, again and again. A longer run: {@code
 * -Drefrain.disk.rounds=20 -Drefrain.disk.entries=10000}.
 */
class DiskKillIT {
  private static final int ROUNDS = Integer.getInteger("refrain.disk.rounds", 2);
  private static final int ENTRIES = Integer.getInteger("refrain.disk.entries", 1_500);
  private static final int CALLERS = 8;
  private static final long LOST = TimeUnit.SECONDS.toNanos(1);

  @TempDir private Path folder;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final AtomicInteger wrong = new AtomicInteger();
  private final Random random = new Random(11);
  private final ScriptedUpstream upstream =
      ScriptedUpstream.playing(
          request ->
              Script.json(
                  Dialect.COMPLETIONS.document(answerTo(request.json().path("prompt").asText()))));

  @AfterEach
  void stop() throws Exception {
    upstream.close();
  }

  private static String answerTo(String prompt) {
    return ("answer to " + prompt + ". ").repeat(20);
  }

  private ForkedProxy start() throws IOException {
    String settings = "cache: {disk: {path: '%s', size: 256MiB}}".formatted(folder);
    return new ForkedProxy(upstream, settings, List.of("-Xmx256m"));
  }

  @Test
  void atMostTheLastSecondIsLostAndNothingIsServedWrong() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      Map<String, Long> stored = new ConcurrentHashMap<>();
      long killed;
      try (ForkedProxy proxy = start()) {
        killed = storeAndKill(proxy, round, stored);
      }
      try (ForkedProxy proxy = start()) {
        stored.values().removeIf(at -> killed - at <= LOST);
        // Of a process that just began, a lookup may be late.
        await().atMost(Duration.ofSeconds(60)).until(() -> forget(proxy, stored).isEmpty());
      }
      assertThat(wrong).hasValue(0);
    }
  }

  /** Kills it in the middle; the time of that. */
  private long storeAndKill(ForkedProxy proxy, int round, Map<String, Long> stored)
      throws InterruptedException {
    int enough = ENTRIES / 4 + random.nextInt(ENTRIES / 2);
    AtomicInteger next = new AtomicInteger();
    ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
    for (int i = 0; i < CALLERS; i++) {
      callers.execute(
          () -> {
            while (next.get() < ENTRIES && stored.size() < enough) {
              String prompt = round + "-" + next.getAndIncrement();
              if (status(proxy, prompt, "") == 200) {
                stored.put(prompt, System.nanoTime());
              }
            }
            proxy.kill();
          });
    }
    callers.shutdown();
    assertThat(callers.awaitTermination(5, TimeUnit.MINUTES)).isTrue();
    return stored.values().stream().mapToLong(Long::longValue).max().orElseThrow();
  }

  /** Forgets what is there. */
  private Map<String, Long> forget(ForkedProxy proxy, Map<String, Long> stored)
      throws InterruptedException {
    ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
    for (String prompt : stored.keySet()) {
      callers.execute(
          () -> {
            if (status(proxy, prompt, "only-if-cached") == 200) {
              stored.remove(prompt);
            }
          });
    }
    callers.shutdown();
    assertThat(callers.awaitTermination(5, TimeUnit.MINUTES)).isTrue();
    return stored;
  }

  /** The status of an answer; 0 if there is none. */
  private int status(ForkedProxy proxy, String prompt, String directive) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + proxy.port() + "/v1/completions"))
            .timeout(Duration.ofSeconds(30))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(Dialect.COMPLETIONS.asking(prompt)));
    if (!directive.isEmpty()) {
      request.header("Cache-Control", directive);
    }
    try {
      HttpResponse<String> answer = client.send(request.build(), BodyHandlers.ofString());
      boolean right =
          answer.statusCode() != 200
              || Dialect.COMPLETIONS.text(answer.body()).equals(answerTo(prompt));
      wrong.addAndGet(right ? 0 : 1);
      return answer.statusCode();
    } catch (IOException gone) {
      return 0;
    } catch (InterruptedException stopped) {
      throw new IllegalStateException(stopped);
    }
  }
}
