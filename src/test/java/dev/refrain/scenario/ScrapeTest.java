package dev.refrain.scenario;

import static dev.refrain.testing.Examples.ANSWER;
import static dev.refrain.testing.Examples.chunk;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.testing.Examples;
import dev.refrain.testing.Gate;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.RedisFixture;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A play in acts. After each the scrape has changed by exactly what the table of the act says: what
 * is not in it has not changed.
 *
 * <p>A line of a table is a sample without {@code refrain_}, {@code _total} and the names of its
 * labels, whose values stand in the order of their names; and by how much it changed. An answer
 * costs 5 and 7 tokens, and that is 19.
 */
class ScrapeTest {
  private static final String PLAY =
      """
      cache:
        maxEntry: 4KiB
        flights: {maxFlights: 1}
        redis: {url: "%s", timeout: 10s, lease: 1m}
      metrics: {models: 2, currency: EUR, prices: [{model: m, prompt: 1000000, completion: 2000000}]}
      retry: {maxRetries: 1, initialBackoff: 0s, maxBackoff: 0s}
      """;

  private static final String[] SECRETS = {
    "Authorization",
    "Bearer sk-secret",
    "X-Request-Id",
    "id-secret",
    "OpenAI-Organization",
    "o-secret"
  };

  // How many there are is a matter of time, or of the client's pool.
  private static final List<String> OF_TIME =
      List.of(
          "redis_commands{hgetall,ok}",
          "redis_commands{hgetall,none}",
          "redis_commands{hgetall,unsent}",
          "redis_commands{time,ok}",
          "redis_commands{time,none}",
          "redis_commands{time,unsent}",
          "redis_commands{eval,ok}",
          // How much a request holds depends on how it came in.
          "memory_used_bytes{heap,request_bodies}",
          "memory_used_bytes{heap,responses}",
          "memory_used_bytes{heap,merged_responses}",
          "memory_used_bytes{heap,recordings}",
          "memory_used_bytes{heap,sample_counters}",
          "memory_used_bytes{heap,held_responses}",
          "memory_used_bytes{direct,unsent_bytes}",
          "memory_direct_bytes",
          "connections");

  private static final String PAID =
      """
      upstream_calls{completions} 1
      upstream_tries{default} 1
      tokens{completions,m,upstream,prompt} 5
      tokens{completions,m,upstream,completion} 7
      cost{EUR,completions,m,upstream} 19
      rule_tokens{paid,default} 12
      rule_cost{EUR,paid,default} 19
      """;

  private static final String MISSED =
      """
      cache_lookups{completions,miss,default,memory} 1
      cache_lookups{completions,miss,default,redis} 1
      redis_operations{get,ok} 1
      redis_commands{getrange,ok} 1
      fleet{led} 1
      """;

  private static final String KEPT_IN_MEMORY =
      """
      cache_stores{memory} 1
      cache_store_bytes{memory} 890
      memory_cache_entries 1
      memory_cache_size_bytes 1026
      """;

  private static final String KEPT =
      KEPT_IN_MEMORY
          + """
          cache_stores{redis} 1
          cache_store_bytes{redis} 491
          redis_operations{set,ok} 1
          redis_commands{set,ok} 1
          """;

  private static final String HIT =
      """
      cache_lookups{completions,hit,default,memory} 1
      tokens{completions,m,memory,prompt} 5
      tokens{completions,m,memory,completion} 7
      cost{EUR,completions,m,memory} 19
      rule_tokens{saved,default} 12
      rule_cost{EUR,saved,default} 19
      """;

  private final RedisFixture redis = new RedisFixture();
  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Examples::answer);
  private Proxy proxy;

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
    redis.close();
  }

  @Test
  void aScrapeAfterAScriptShowsExactlyItsNumbersAndNothingSecret() throws Exception {
    open();
    proxy.post(Examples.asking("of the other replica"), SECRETS);
    proxy.close();
    open();

    hitsAndMisses();
    callsThatAreShared();
    requestsForSeveralChoices();
    requestsThatPassTheCache();
    answersThatAreNotKept();
    callersWhoLeave();
    whatIsNoCompletion();

    theRestIsSilence();
    nothingSecret();
  }

  private void hitsAndMisses() throws Exception {
    act(
        "asked for the first time",
        () -> ask("secret"),
        MISSED,
        PAID,
        KEPT,
        answered("whole,default,upstream"));
    act("asked again", () -> ask("secret"), HIT, answered("whole,default,memory"));
    act(
        "asked again, as a stream",
        () -> proxy.post(Examples.streaming("secret"), SECRETS),
        HIT,
        answered("stream,default,memory"),
        "memory_cache_size_bytes 278");
    act(
        "asked of another replica before",
        () -> ask("of the other replica"),
        KEPT_IN_MEMORY,
        answered("whole,default,redis"),
        """
        cache_lookups{completions,miss,default,memory} 1
        cache_lookups{completions,hit,default,redis} 1
        redis_operations{get,ok} 1
        redis_commands{getrange,ok} 1
        tokens{completions,m,redis,prompt} 5
        tokens{completions,m,redis,completion} 7
        cost{EUR,completions,m,redis} 19
        rule_tokens{saved,default} 12
        rule_cost{EUR,saved,default} 19
        """);
    act(
        "only if it is kept, and it is not",
        () -> proxy.post(Examples.asking("never"), "Cache-Control", "only-if-cached"),
        """
        requests{completions,whole,default,none,5xx} 1
        cache_lookups{completions,miss,default,memory} 1
        cache_lookups{completions,miss,default,redis} 1
        redis_operations{get,ok} 1
        redis_commands{getrange,ok} 1
        """);
  }

  private void callsThatAreShared() throws Exception {
    Gate gate = new Gate();
    upstream.play(Script.silence().pause(gate).then(Script.json(ANSWER)));
    try (RawClient one = proxy.connect();
        RawClient two = proxy.connect();
        RawClient three = proxy.connect()) {
      act(
          "three ask the same at once",
          () -> {
            one.post(Examples.asking("shared"), "Authorization: Bearer sk-secret");
            gate.awaitReached();
            two.post(Examples.asking("shared"), "Authorization: Bearer sk-secret");
            return three.post(Examples.asking("shared"), "Authorization: Bearer sk-secret");
          },
          MISSED,
          """
          cache_lookups{completions,miss,default,memory} 2
          collapsed{completions} 2
          flights 1
          flight_readers 3
          upstream_calls{completions} 1
          upstream_tries{default} 1
          upstream_calls_in_flight 1
          upstream_active{default} 1
          """);
      upstream.play(Examples::answer);
      act(
          "no more calls may be shared meanwhile",
          () -> ask("crowded out"),
          PAID,
          "requests{completions,whole,default,upstream,2xx} 1",
          "cache_lookups{completions,miss,default,memory} 1",
          "bypass{completions,busy} 1");
      act(
          "they are answered by one call",
          () -> {
            gate.open();
            return one.answer().text() + two.answer().text() + three.answer().text();
          },
          KEPT,
          answered("whole,default,upstream"),
          """
          requests{completions,whole,default,flight,2xx} 2
          flights -1
          flight_readers -3
          upstream_calls_in_flight -1
          upstream_active{default} -1
          tokens{completions,m,upstream,prompt} 5
          tokens{completions,m,upstream,completion} 7
          cost{EUR,completions,m,upstream} 19
          rule_tokens{paid,default} 12
          rule_cost{EUR,paid,default} 19
          tokens{completions,m,flight,prompt} 10
          tokens{completions,m,flight,completion} 14
          cost{EUR,completions,m,flight} 38
          rule_tokens{saved,default} 24
          rule_cost{EUR,saved,default} 38
          """);
    }
  }

  private void requestsForSeveralChoices() throws Exception {
    act(
        "three times the same is asked for once",
        () -> proxy.post(Examples.asking("thrice").replace("}", ",\"n\":3}"), SECRETS),
        MISSED,
        PAID,
        KEPT,
        answered("whole,default,upstream"),
        """
        fanout_requests 1
        fanout_parts 1
        replicated_choices 2
        replicated_tokens 14
        rule_tokens{saved,default} 14
        rule_cost{EUR,saved,default} 28
        """);
  }

  private void requestsThatPassTheCache() throws Exception {
    String alone = PAID + "requests{completions,whole,default,upstream,2xx} 1\n";
    act(
        "sampled",
        () -> proxy.post(Examples.sampling("secret"), SECRETS),
        alone,
        "bypass{completions,sampled} 1");
    act(
        "no-store",
        () -> proxy.post(Examples.asking("secret"), "Cache-Control", "no-store"),
        alone,
        "bypass{completions,no-store} 1");
    act(
        "stateful",
        () -> proxy.post(Examples.asking("secret").replace("}", ",\"store\":true}"), SECRETS),
        alone,
        "bypass{completions,stateful} 1");
    String unnamed =
        """
        requests{completions,whole,default,upstream,2xx} 1
        upstream_calls{completions} 1
        upstream_tries{default} 1
        bypass{completions,sampled} 1
        """;
    act(
        "another model",
        () -> proxy.post(Examples.sampling("x").replace("\"m\"", "\"second\""), SECRETS),
        unnamed,
        "tokens{completions,second,upstream,prompt} 5",
        "tokens{completions,second,upstream,completion} 7",
        "rule_tokens{paid,default} 12");
    act(
        "one model too many",
        () -> proxy.post(Examples.sampling("x").replace("\"m\"", "\"third\""), SECRETS),
        unnamed,
        "tokens{completions,other,upstream,prompt} 5",
        "tokens{completions,other,upstream,completion} 7",
        "rule_tokens{paid,default} 12");
  }

  private void answersThatAreNotKept() throws Exception {
    upstream.play(Script.answer(503, "{}"));
    act(
        "an error of the upstream, twice",
        () -> ask("error"),
        MISSED,
        """
        requests{completions,whole,default,upstream,5xx} 1
        upstream_calls{completions} 2
        upstream_tries{default} 2
        upstream_retries{error} 1
        flights_completed{failed} 1
        not_stored{refused} 1
        """);
    upstream.play(Script.json(ANSWER.replace("\"length\"", "null")));
    act(
        "an answer that stops midway",
        () -> ask("half"),
        MISSED,
        PAID,
        """
        requests{completions,whole,default,upstream,2xx} 1
        flights_completed{unshareable} 1
        not_stored{unfinished} 1
        """);
    upstream.play(Script.json(ANSWER.replace("This", "x".repeat(5000))));
    act(
        "an answer that is too large",
        () -> ask("large"),
        MISSED,
        PAID,
        answered("whole,default,upstream"),
        """
        cache_stores_dropped{memory} 1
        not_stored{too_large} 1
        """);
    upstream.play(Script.events().data(chunk("a", null)).data("{\"error\":{}}").done());
    act(
        "a stream that ends in an error",
        () -> proxy.post(Examples.streaming("torn"), SECRETS),
        MISSED,
        """
        requests{completions,stream,default,upstream,5xx} 1
        upstream_calls{completions} 1
        upstream_tries{default} 1
        flights_completed{failed} 1
        not_stored{error_event} 1
        """);
  }

  private void callersWhoLeave() throws Exception {
    act(
        "before the body was there",
        () ->
            leave(
                proxy
                    .connect()
                    .send(
                        "POST /v1/completions HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n{")),
        "disconnects{body} 1",
        "requests{completions,whole,default,none,499} 1");
    Gate waiting = new Gate();
    upstream.play(Script.silence().pause(waiting));
    act(
        "before anything of the answer was",
        () -> {
          RawClient client = proxy.connect().post(Examples.asking("left"));
          waiting.awaitReached();
          return leave(client);
        },
        MISSED,
        """
        disconnects{waiting} 1
        requests{completions,whole,default,none,499} 1
        upstream_calls{completions} 1
        upstream_tries{default} 1
        flights_completed{abandoned} 1
        """);
    Gate streaming = new Gate();
    upstream.play(Script.events().data(chunk("a", null)).pause(streaming));
    try (RawClient reader = proxy.connect()) {
      act(
          "a stream begins",
          () -> reader.post(Examples.streaming("left")).answer().until("\n\n"),
          MISSED,
          """
          upstream_calls{completions} 1
          upstream_tries{default} 1
          upstream_calls_in_flight 1
          upstream_active{default} 1
          flights 1
          flight_readers 1
          recordings 1
          recording_bytes 240
          """);
      act(
          "its reader leaves",
          () -> leave(reader),
          """
          disconnects{streaming} 1
          requests{completions,stream,default,upstream,499} 1
          upstream_calls_in_flight -1
          upstream_active{default} -1
          flights -1
          flight_readers -1
          flights_completed{abandoned} 1
          not_stored{abandoned} 1
          recordings -1
          recording_bytes -240
          """);
    }
  }

  private void whatIsNoCompletion() throws Exception {
    act(
        "not understood",
        () -> proxy.post("{secret", SECRETS),
        "requests{completions,whole,default,none,4xx} 1",
        "refusals{none,invalid} 1");
    upstream.play(Script.answer(200, "12345"));
    act(
        "passed through",
        () ->
            proxy.send(
                proxy
                    .request("/v1/responses", SECRETS)
                    .POST(BodyPublishers.ofString("123"))
                    .build()),
        """
        passthrough_requests{post,2xx} 1
        passthrough_paths{responses} 1
        passthrough_bytes{up} 3
        passthrough_bytes{down} 5
        """);
    act(
        "purged",
        () -> proxy.send(manage("/cache/purge?model=secret").POST(BodyPublishers.noBody()).build()),
        """
        cache_purges{model} 1
        redis_commands{hset,ok} 1
        redis_commands{pexpire,ok} 1
        """);
  }

  /** What was never at rest, is; each request that was answered has its times. */
  private void theRestIsSilence() {
    Samples page = page();
    Map<String, Double> rest =
        Map.of(
            "flights", 0.0,
            "flight_readers", 0.0,
            "recordings", 0.0,
            "recording_bytes", 0.0,
            "fanout_waiting", 0.0,
            "upstream_calls_in_flight", 0.0,
            "passthrough_requests_in_flight", 0.0,
            "redis_up", 1.0,
            "redis_breaker_state{closed}", 1.0,
            "upstream_state{closed,default}", 1.0);
    assertThat(page.values()).containsAllEntriesOf(rest);
    assertThat(page.by("request_duration_seconds_count{whole,(\\w+)}"))
        .isEqualTo(page.by("requests{completions,whole,default,(\\w+),\\w+}"));
    assertThat(page.by("request_duration_seconds_count{stream,(\\w+)}"))
        .isEqualTo(page.by("requests{completions,stream,default,(\\w+),\\w+}"));
    Map<String, Double> answered = page.by("requests{\\w+,\\w+,default,(?!none)(\\w+),\\w+}");
    assertThat(page.by("overhead_seconds_count{(\\w+)}")).isEqualTo(answered);
  }

  private void nothingSecret() {
    for (String type : List.of("text/plain", "application/openmetrics-text")) {
      assertThat(proxy.send(manage("/metrics").header("Accept", type).build()).body())
          .contains("refrain_requests_total")
          .doesNotContainIgnoringCase("secret")
          .doesNotContain("indeed", "sk-", "Bearer", "thrice");
    }
  }

  @Test
  void whatIsSwitchedOffIsAskedForEachTimeAndSaysWhy() throws Exception {
    proxy = Proxy.before(upstream.url(), "", "cache: {enabled: false}");
    act(
        "asked",
        () -> ask("x"),
        """
        requests{completions,whole,default,upstream,2xx} 1
        bypass{completions,disabled} 1
        upstream_calls{completions} 1
        upstream_tries{default} 1
        tokens{completions,m,upstream,prompt} 5
        tokens{completions,m,upstream,completion} 7
        rule_tokens{paid,default} 12
        """);
  }

  @Test
  void redisThatIsGoneCostsHitsAndIsSaidToBeGone() throws Exception {
    open();
    act(
        "it goes",
        () -> {
          redis.kill();
          return redis;
        },
        "redis_up -1");
    act(
        "asked meanwhile",
        () -> ask("x"),
        PAID,
        KEPT_IN_MEMORY,
        answered("whole,default,upstream"),
        """
        cache_lookups{completions,miss,default,memory} 1
        cache_lookups{completions,error,default,redis} 1
        redis_operations{get,error} 1
        redis_commands{getrange,unsent} 1
        redis_commands{eval,unsent} 1
        fleet{failed_open} 1
        cache_stores_dropped{redis} 1
        redis_operations{set,dropped} 1
        """);
  }

  private void act(String what, Callable<?> action, String... tables) throws Exception {
    Samples before = page();
    action.call();
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () ->
                assertThat(page().since(before).values())
                    .as(what)
                    .isEqualTo(Samples.table(tables).values()));
  }

  private void open() {
    proxy = Proxy.before(upstream.url(), "", PLAY.formatted(redis.url()));
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () ->
                proxy.manage("/metrics").body().contains("refrain_redis_up 1.0")
                    && page(List.of()).value("redis_commands{hgetall,ok}") > 0);
  }

  private Object ask(String prompt) {
    return proxy.post(Examples.asking(prompt), SECRETS);
  }

  private static Object leave(RawClient client) throws IOException {
    client.close();
    return client;
  }

  private static String answered(String how) {
    String landed = how.contains("memory") ? "" : "flights_completed{answered} 1\n";
    return "requests{completions," + how + ",2xx} 1\n" + landed;
  }

  private HttpRequest.Builder manage(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + proxy.managementPort() + path));
  }

  private Samples page() {
    return page(OF_TIME);
  }

  private Samples page(List<String> without) {
    return Samples.of(proxy.manage("/metrics").body()).without(without);
  }
}
