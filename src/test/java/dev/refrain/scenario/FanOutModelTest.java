package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.scenario.Ask.Key;
import dev.refrain.scenario.Ask.Part;
import dev.refrain.scenario.FanOutModel.Expected;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Random requests for several choices or inputs, to each endpoint, held against a model of what
 * must come of them: {@link Ask} (what is asked), {@link AskedCallUpstream} (who answers), {@link
 * FanOutModel} (what must come), {@link FanOutJudge}.
 *
 * <p>{@code -Drefrain.requests=N} and {@code -Drefrain.seed=N} make it others.
 */
class FanOutModelTest {
  private static final int REQUESTS = Integer.getInteger("refrain.requests", 10_000);
  private static final long SEED = Long.getLong("refrain.seed", 20_260_822);
  // So many requests draw from the same few prompts; then most of those are kept.
  private static final int VERSE = 60;
  private static final int CROWD = 6;

  private final AskedCallUpstream upstream = new AskedCallUpstream();
  private final Proxy proxy =
      Proxy.before(
          upstream.url(),
          "",
          """
          logging: {level: error}
          retry: {maxRetries: 0}
          cache: {memory: {size: 512MiB}, headers: {ignore: [x-tag]}}
          """);
  private final List<RawClient> clients = new ArrayList<>();
  private final FanOutModel model = new FanOutModel();
  private final FanOutJudge judge = new FanOutJudge(upstream);
  private final AskGenerator maker = new AskGenerator(SEED);
  private final ExecutorService crowd = Executors.newFixedThreadPool(CROWD);

  FanOutModelTest() throws IOException {
    for (int i = 0; i < CROWD; i++) {
      clients.add(proxy.connect());
    }
  }

  @AfterEach
  void close() throws IOException {
    crowd.shutdownNow();
    for (RawClient client : clients) {
      client.close();
    }
    proxy.close();
    upstream.close();
  }

  @Test
  void oneAfterTheOtherEachIsAnsweredAsTheModelSays() {
    Map<Ask, Expected> all = new HashMap<>();
    for (int i = 0; i < REQUESTS; i++) {
      Ask ask = maker.any(i, i / VERSE);
      all.put(ask, judged(ask));
    }
    nothingIsLeft();
    all.forEach((ask, expected) -> explained(ask, null, () -> judge.calls(ask, expected)));
  }

  @Test
  void atOnceTheyAskOnceForWhatTheyHaveInCommon() {
    upstream.leisure(40);
    int number = 0;
    for (int burst = 0; number < REQUESTS / 10; burst++) {
      List<Ask> asks = new ArrayList<>();
      for (int i = 0; i < CROWD; i++) {
        boolean alike = i % 3 > 0;
        asks.add(alike ? maker.again(number++, asks.get(i - 1)) : maker.calm(number++, burst));
      }
      burst(asks);
      judged(maker.calm(number++, burst));
    }
    nothingIsLeft();
  }

  /** Asks, and judges by the model, which has learned from it then. */
  private Expected judged(Ask ask) {
    Expected expected = model.expect(ask);
    ClientAnswer clientAnswer = ask(ask);
    explained(
        ask,
        clientAnswer,
        () -> {
          judge.judge(ask, model, expected, clientAnswer);
          model.learn(ask, clientAnswer);
        });
    return expected;
  }

  private void burst(List<Ask> asks) {
    List<CompletableFuture<ClientAnswer>> answers =
        asks.stream().map(ask -> CompletableFuture.supplyAsync(() -> ask(ask), crowd)).toList();
    Map<Key, String> texts = new HashMap<>();
    for (int i = 0; i < asks.size(); i++) {
      Ask ask = asks.get(i);
      ClientAnswer clientAnswer = answers.get(i).join();
      explained(ask, clientAnswer, () -> answered(ask, clientAnswer, texts));
    }
    asks.forEach(ask -> explained(ask, null, () -> calls(ask, asks)));
    for (int i = 0; i < asks.size(); i++) {
      model.learn(asks.get(i), answers.get(i).join());
    }
  }

  private void answered(Ask ask, ClientAnswer clientAnswer, Map<Key, String> texts) {
    assertThat(clientAnswer.outcome()).isEqualTo(ClientAnswer.ANSWER);
    judge.answer(ask, clientAnswer);
    for (Part part : ask.parts()) {
      String text = clientAnswer.texts().get(part.indexes().get(0));
      if (ask.shareable()) {
        assertThat(texts.computeIfAbsent(part.key(), key -> text)).isEqualTo(text);
      }
    }
  }

  /** One for each that may be shared, whoever made it, and one for each that may not. */
  private void calls(Ask ask, List<Ask> asks) {
    for (Part part : ask.parts()) {
      AskedCall call = part.call();
      Set<Key> shared = new HashSet<>();
      int expected = 0;
      long made = 0;
      for (Ask one : asks) {
        for (Part other : one.parts()) {
          if (other.call().equals(call)) {
            expected += !one.shareable() || shared.add(other.key()) ? 1 : 0;
          }
        }
        made += upstream.calls(one.tag()).stream().filter(c -> c.call().equals(call)).count();
      }
      assertThat(made).as("calls for %s in %s", call, asks).isEqualTo(expected);
    }
  }

  private ClientAnswer ask(Ask ask) {
    RawClient client = clients.get(ask.number() % CROWD);
    try {
      RawClient.Answer answer =
          client.postTo(ask.dialect().path(), ask.body(), ask.lines()).answer();
      return ClientAnswer.of(answer.head(), answer.text());
    } catch (IOException | AssertionError wrong) {
      throw new AssertionError(description(ask), wrong);
    }
  }

  private static void explained(Ask ask, ClientAnswer clientAnswer, Runnable judgement) {
    try {
      judgement.run();
    } catch (RuntimeException | AssertionError wrong) {
      throw new AssertionError(
          description(ask) + "\n" + wrong.getMessage() + "\nheard: " + clientAnswer, wrong);
    }
  }

  private static String description(Ask ask) {
    return "seed " + SEED + ", " + ask + "\n" + ask.body() + " " + List.of(ask.lines());
  }

  private void nothingIsLeft() {
    assertThat(upstream.misunderstood()).isEmpty();
    Duration aWhile = Duration.ofSeconds(20); // idle connections are kept for three
    await().atMost(aWhile).until(() -> metric("refrain_flights ") == 0);
    await().atMost(aWhile).until(() -> metric("refrain_upstream_calls_in_flight ") == 0);
    assertThat(metric("refrain_fanout_waiting ")).isZero();
    await().atMost(aWhile).until(() -> upstream.connections() == 0);
    assertThat(metric("refrain_upstream_calls_total{")).isGreaterThanOrEqualTo(upstream.requests());
  }

  private double metric(String name) {
    return proxy
        .manage("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(name))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }
}
