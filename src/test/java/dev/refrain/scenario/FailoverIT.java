package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.testing.Examples;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.Received;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A thousand requests before upstreams in all kinds of trouble. */
class FailoverIT {
  private static final int REQUESTS = 1000;
  private static final int CALLERS = 8;

  private final List<ScriptedUpstream> upstreams = new ArrayList<>();
  private final ExecutorService callers = Executors.newFixedThreadPool(CALLERS);

  @AfterEach
  void stop() throws Exception {
    callers.shutdownNow();
    for (ScriptedUpstream upstream : upstreams) {
      upstream.close();
    }
  }

  @Test
  void noRequestFailsThatAHealthyUpstreamCouldHaveAnswered() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    ScriptedUpstream healthy = upstream(Examples::answer);
    ScriptedUpstream slow =
        upstream(
            request -> {
              take(Duration.ofMillis(50));
              return Examples.answer(request);
            });
    // Well for fifty requests, then broken in one way or another for ten.
    ScriptedUpstream flapping =
        upstream(
            request -> {
              int turn = asked.getAndIncrement() % 60;
              if (turn < 50) {
                return Examples.answer(request);
              }
              return turn % 2 == 0 ? Script.answer(503, "{}") : Script.silence().cut();
            });
    ScriptedUpstream throttled = upstream(request -> Script.answer(429, "{}", "Retry-After: 30"));
    ScriptedUpstream dead = upstream(Examples::answer);
    dead.close();

    try (Proxy proxy = Proxy.among(settings(), "")) {
      assertThat(statuses(proxy)).hasSize(REQUESTS).containsOnly(200);
      assertThat(slow.calls()).as("to the slow one").isLessThan(healthy.calls());
      assertThat(throttled.calls()).as("to the throttled one").isLessThan(REQUESTS / 10);
      assertThat(flapping.calls()).as("to the flapping one").isPositive();
    }
  }

  @Test
  void aTotalOutageIsNotMultipliedAndEndsWhenItEnds() throws Exception {
    for (int i = 0; i < 3; i++) {
      upstream(request -> Script.answer(503, "{\"error\":{\"message\":\"down\"}}"));
    }
    try (Proxy proxy = Proxy.among(settings(), "")) {
      assertThat(statuses(proxy)).hasSize(REQUESTS).containsOnly(503);
      assertThat(upstreams.stream().mapToInt(ScriptedUpstream::calls).sum())
          .isBetween(REQUESTS, REQUESTS * 12 / 10);

      upstreams.forEach(upstream -> upstream.play(Examples::answer));
      await().atMost(Duration.ofSeconds(60)).until(() -> well(proxy));
    }
  }

  private static boolean well(Proxy proxy) {
    for (int i = 0; i < 10; i++) {
      if (proxy.post(Examples.sampling("again")).statusCode() != 200) {
        return false;
      }
    }
    return true;
  }

  /** Lets the time pass that a slow model takes. */
  private static void take(Duration time) {
    long until = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < until) {
      LockSupport.parkNanos(until - System.nanoTime());
    }
  }

  private ScriptedUpstream upstream(Function<Received, Script> behaviour) {
    ScriptedUpstream upstream = ScriptedUpstream.playing(behaviour);
    upstreams.add(upstream);
    return upstream;
  }

  private List<String> settings() {
    List<String> settings = new ArrayList<>();
    for (ScriptedUpstream upstream : upstreams) {
      settings.add("name: u" + settings.size() + ", url: \"" + upstream.url() + "\"");
    }
    return settings;
  }

  private List<Integer> statuses(Proxy proxy) throws Exception {
    List<Callable<Integer>> requests = new ArrayList<>();
    for (int i = 0; i < REQUESTS; i++) {
      String body = i % 2 == 0 ? Examples.sampling("r" + i) : Examples.samplingStream("r" + i);
      requests.add(() -> proxy.post(body).statusCode());
    }
    List<Integer> statuses = new ArrayList<>();
    for (Future<Integer> answer : callers.invokeAll(requests, 60, TimeUnit.SECONDS)) {
      statuses.add(answer.get());
    }
    return statuses;
  }
}
