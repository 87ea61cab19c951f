package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.refrain.testing.Dialect;
import dev.refrain.testing.Events;
import dev.refrain.testing.Gate;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Equal requests at the same time, over real sockets and two event loops. */
@ParameterizedClass
@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "EMBEDDINGS")
final class SharingTest {
  private static final String TEXT = "one two three four five ";

  private final Dialect dialect;
  private final String whole;
  private final String plain;
  private final String stream;
  private final String streamWithUsage;
  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Script.silence());
  // One connection a request: HTTP/2 would let only a hundred of them through at once.
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private Proxy proxy = Proxy.before(upstream);

  SharingTest(Dialect dialect) {
    this.dialect = dialect;
    whole = dialect.document(TEXT);
    plain = dialect.asking("p");
    stream = dialect.streaming("p");
    streamWithUsage =
        stream.replace(
            "\"stream\":true}", "\"stream\":true,\"stream_options\":{\"include_usage\":true}}");
  }

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  @Test
  void manyEqualPlainRequestsAreOneCall() throws Exception {
    Gate gate = new Gate();
    upstream.play(Script.silence().pause(gate).then(Script.json(whole)));

    List<CompletableFuture<HttpResponse<String>>> answers = send(plain, 200);
    awaitCollapsed(199);
    gate.open();

    assertThat(bodies(answers)).hasSize(200).containsOnly(whole);
    assertThat(upstream.calls()).isEqualTo(1);
    assertThat(outcomes(answers)).containsOnlyOnce("refrain; fwd=uri-miss; stored");
    awaitNoFlights();
  }

  @Test
  void manyEqualStreamsAreOneCall() throws Exception {
    Gate gate = new Gate();
    upstream.play(stream(gate));

    List<CompletableFuture<HttpResponse<String>>> answers = send(stream, 200);
    awaitCollapsed(199);
    gate.open();

    assertThat(bodies(answers))
        .hasSize(200)
        .allSatisfy(body -> assertThat(Events.of(body).text(0)).isEqualTo(TEXT))
        .allSatisfy(body -> assertThat(Events.of(body).properlyEnded()).isTrue())
        .allSatisfy(body -> assertThat(body).doesNotContain("usage"));
    assertThat(upstream.calls()).isEqualTo(1);
    awaitNoFlights();
  }

  @Test
  void anyMixAtAnyTimeIsOneCall() {
    upstream.play(request -> request.wantsStream() ? stream() : plain());
    List<String> forms = List.of(plain, stream, streamWithUsage);
    for (int round = 1; round <= 50; round++) {
      Random random = new Random(round);
      String prompt = "\"round " + round + "\"";

      List<CompletableFuture<HttpResponse<String>>> answers =
          IntStream.range(0, 24)
              .mapToObj(i -> forms.get(random.nextInt(3)).replace("\"p\"", prompt))
              .map(form -> later(random.nextInt(12), form))
              .toList();

      assertThat(bodies(answers)).allSatisfy(body -> assertThat(text(body)).isEqualTo(TEXT));
      assertThat(upstream.calls()).as("calls after round %s", round).isEqualTo(round);
    }
  }

  @Test
  void whoWantsNothingSoOldDoesNotJoinACallOnItsWayAndIsJoinedInstead() {
    Gate old = new Gate();
    upstream.play(Script.silence().pause(old).then(Script.json(whole.replace("two", "old"))));
    CompletableFuture<HttpResponse<String>> first = later(0, plain);
    upstream.awaitCalls(1);
    awaitNextMillisecond();
    Gate young = new Gate();
    upstream.play(Script.silence().pause(young).then(plain()));

    assertThat(asking("max-age=0, only-if-cached").join().statusCode()).isEqualTo(504);
    CompletableFuture<HttpResponse<String>> anew = asking("max-age=0");
    upstream.awaitCalls(2);
    CompletableFuture<HttpResponse<String>> joining = asking("max-age=3600");
    awaitCollapsed(1);
    young.open();
    String answers = anew.join().body() + joining.join().body();
    old.open();

    assertThat(answers).isEqualTo(whole + whole);
    assertThat(first.join().body()).contains("old");
    assertThat(upstream.calls()).isEqualTo(2);
    assertThat(metric("refrain_flights_completed_total", "overdue")).isEqualTo(1);
    awaitNoFlights();
  }

  private CompletableFuture<HttpResponse<String>> asking(String control) {
    return CompletableFuture.supplyAsync(
        () -> proxy.postTo(dialect.path(), plain, "Cache-Control", control));
  }

  private static void awaitNextMillisecond() {
    long now = System.currentTimeMillis();
    await().until(() -> System.currentTimeMillis() > now);
  }

  @Test
  void aStreamInAnswerToAPlainRequestIsItsOwnAndNotJoined() {
    upstream.play(stream());

    HttpResponse<String> answer = proxy.postTo(dialect.path(), plain);

    assertThat(text(answer.body())).isEqualTo(TEXT);
    assertThat(answer.headers().firstValue("Cache-Status"))
        .contains("refrain; fwd=uri-miss; stored");
    awaitMetric("refrain_requests_total", "source=\"upstream\"", 1);
    assertThat(metric("refrain_tokens_total", "source=\"upstream\"")).isEqualTo(6);
    assertThat(metric("refrain_tokens_total", "source=\"flight\"")).isZero();
  }

  @Test
  void whoJoinsAPlainRequestThatIsAnsweredWithAStreamHasNotPaid() throws Exception {
    Gate gate = new Gate();
    upstream.play(stream(gate));

    List<CompletableFuture<HttpResponse<String>>> answers = send(plain, 2);
    awaitCollapsed(1);
    gate.open();

    assertThat(outcomes(answers))
        .containsExactlyInAnyOrder(
            "refrain; fwd=uri-miss; stored", "refrain; fwd=uri-miss; collapsed; stored");
    assertThat(metric("refrain_tokens_total", "source=\"flight\"")).isEqualTo(6);
  }

  @Test
  void whoComesLateGetsEverythingFromTheFirstFrame() throws Exception {
    Gate half = new Gate();
    upstream.play(Script.events().data(chunk("one ")).data(chunk("two ")).pause(half).then(rest()));
    try (RawClient first = proxy.connect();
        RawClient late = proxy.connect()) {
      RawClient.Answer beginning = first.postTo(dialect.path(), stream).answer();
      beginning.until("two ");
      RawClient.Answer joined = late.postTo(dialect.path(), stream).answer();
      String caughtUp = joined.until("two ");
      half.open();

      assertThat(caughtUp).contains("one ");
      assertThat(Events.of(joined.text()).text(0)).isEqualTo("three four five ");
      assertThat(Events.of(beginning.text()).text(0)).isEqualTo("three four five ");
    }
    assertThat(upstream.calls()).isEqualTo(1);
  }

  @Test
  void theFirstOneMayLeaveAndTheOthersGetEverything() throws Exception {
    Gate gate = new Gate();
    upstream.play(Script.events().data(chunk("one ")).data(chunk("two ")).pause(gate).then(rest()));
    RawClient first = proxy.connect();
    first.postTo(dialect.path(), stream).answer().until("two ");
    CompletableFuture<HttpResponse<String>> second = send(stream, 1).get(0);
    CompletableFuture<HttpResponse<String>> document = send(plain, 1).get(0);
    awaitCollapsed(2);

    first.close();
    awaitMetric("refrain_requests_total", "status=\"499\"", 1);
    gate.open();

    assertThat(Events.of(second.join().body()).text(0)).isEqualTo(TEXT);
    assertThat(text(document.join().body())).isEqualTo(TEXT);
    assertThat(upstream.calls()).isEqualTo(1);
  }

  @Test
  void theFirstOneMayLeaveBeforeTheFirstFrame() throws Exception {
    Gate gate = new Gate();
    upstream.play(Script.silence().pause(gate).then(stream()));
    RawClient first = proxy.connect();
    first.postTo(dialect.path(), stream);
    upstream.awaitCalls(1);
    CompletableFuture<HttpResponse<String>> document = send(plain, 1).get(0);
    awaitCollapsed(1);

    first.close();
    awaitMetric("refrain_requests_total", "status=\"499\"", 1);
    gate.open();

    assertThat(text(document.get(10, TimeUnit.SECONDS).body())).isEqualTo(TEXT);
    assertThat(upstream.calls()).isEqualTo(1);
  }

  @Test
  void anAbandonedCallIsFinishedAndKeptWhereThatIsWished() throws Exception {
    restart("cache: {abandoned: finish}");
    Gate gate = new Gate();
    upstream.play(stream(gate));
    RawClient only = proxy.connect();
    only.postTo(dialect.path(), stream).answer().until("one ");

    only.close();
    awaitMetric("refrain_requests_total", "status=\"499\"", 1);
    gate.open();
    awaitMetric("refrain_flights_completed_total", "outcome=\"answered\"", 1);

    assertThat(text(proxy.postTo(dialect.path(), plain).body())).isEqualTo(TEXT);
    assertThat(upstream.calls()).isEqualTo(1);
  }

  @Test
  void whenTheLastOneLeavesTheCallIsEnded() throws Exception {
    upstream.play(Script.events().data(chunk("one ")).pause(new Gate()));
    RawClient first = proxy.connect();
    RawClient second = proxy.connect();
    first.postTo(dialect.path(), stream).answer().until("one ");
    second.postTo(dialect.path(), stream).answer().until("one ");

    first.close();
    second.close();

    await().atMost(Duration.ofSeconds(10)).until(() -> upstream.openConnections() == 0);
    awaitNoFlights();
    awaitMetric("refrain_flights_completed_total", "outcome=\"abandoned\"", 1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whoLeavesWhenEveryChoiceHasEndedCostsNobodyTheEntry(boolean usage) throws Exception {
    restart("cache: {flights: {tail: 30s}}");
    Gate tail = new Gate();
    upstream.play(usage ? ending().pause(tail).then(usageAndEnd()) : endingWithUsage(tail));
    RawClient only = proxy.connect();
    only.postTo(dialect.path(), usage ? streamWithUsage : stream).answer().until("\"stop\"");

    only.close();
    awaitMetric("refrain_requests_total", "status=\"499\"", 1);
    CompletableFuture<HttpResponse<String>> joining = send(stream, 1).get(0);
    awaitCollapsed(1);
    tail.open();

    assertThat(Events.of(joining.join().body()).text(0)).isEqualTo(TEXT);
    assertThat(proxy.postTo(dialect.path(), plain).headers().firstValue("Cache-Status").get())
        .contains("hit");
    assertThat(upstream.calls()).isEqualTo(1);
    assertThat(metric("refrain_flights_completed_total", "answered")).isEqualTo(1);
    awaitNoFlights();
  }

  @Test
  void theEndOfACallThatEverybodyLeftIsNotWaitedForLong() throws Exception {
    restart("cache: {flights: {tail: 20ms}}");
    upstream.play(ending().pause(new Gate()));
    RawClient only = proxy.connect();
    only.postTo(dialect.path(), streamWithUsage).answer().until("\"stop\"");

    only.close();

    awaitMetric("refrain_flights_completed_total", "outcome=\"abandoned\"", 1);
    await().atMost(Duration.ofSeconds(10)).until(() -> upstream.openConnections() == 0);
    awaitNoFlights();
  }

  @Test
  void aChoiceThatEndedIsStoredThoughAnotherOfItsRequestWasLeftInTheMiddle() throws Exception {
    restart("fanout: {deterministic: each}\ncache: {flights: {tail: 30s}}");
    Gate tail = new Gate();
    AtomicInteger calls = new AtomicInteger();
    upstream.play(
        request ->
            calls.getAndIncrement() == 0
                ? ending().pause(tail).then(usageAndEnd())
                : Script.events().data(chunk("one ")).pause(new Gate()));
    RawClient only = proxy.connect();
    String two = streamWithUsage.replace("\"temperature\"", "\"n\":2,\"temperature\"");
    RawClient.Answer answer = only.postTo(dialect.path(), two).answer();
    answer.until("\"stop\"");
    upstream.awaitCalls(2);

    only.close();
    awaitMetric("refrain_flights_completed_total", "outcome=\"abandoned\"", 1);
    tail.open();
    awaitMetric("refrain_flights_completed_total", "outcome=\"answered\"", 1);
    upstream.play(plain());

    proxy.postTo(dialect.path(), plain.replace("\"temperature\"", "\"n\":2,\"temperature\""));
    assertThat(upstream.calls()).as("the choice left in the middle is paid again").isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void choicesThatEndedAreStoredThoughTheirRequestFailsAsAWhole(boolean streamed) throws Exception {
    restart("fanout: {deterministic: each}");
    Gate others = new Gate();
    AtomicInteger calls = new AtomicInteger();
    Script refusal =
        Script.answer(400, "{\"error\":{\"message\":\"no\"}}", "Content-Type: application/json");
    upstream.play(
        request ->
            calls.getAndIncrement() == 0
                ? Script.silence().pause(others).then(refusal)
                : request.wantsStream() ? stream() : plain());
    String three =
        (streamed ? stream : plain).replace("\"temperature\"", "\"n\":3,\"temperature\"");

    CompletableFuture<HttpResponse<String>> failing = send(three);
    awaitMetric("refrain_flights_completed_total", "outcome=\"answered\"", 2);
    others.open();

    assertThat(failing.join().body()).contains("\"message\":\"no\"");
    assertThat(text(proxy.postTo(dialect.path(), three).body())).isEqualTo(TEXT);
    assertThat(upstream.calls()).as("three, and the refused one once more").isEqualTo(4);
  }

  @Test
  void anErrorIsEverybodysAndIsRetriedForAllAtOnce() throws Exception {
    Gate gate = new Gate();
    String error = "{\"error\":{\"message\":\"no\",\"type\":\"server_error\"}}";
    upstream.play(Script.silence().pause(gate).then(Script.answer(500, error)));

    List<CompletableFuture<HttpResponse<String>>> answers =
        Stream.concat(send(plain, 10).stream(), send(stream, 10).stream()).toList();
    awaitCollapsed(19);
    gate.open();

    assertThat(answers).allSatisfy(answer -> assertThat(answer.join().statusCode()).isEqualTo(500));
    assertThat(bodies(answers)).containsOnly(error);
    assertThat(upstream.calls()).as("one call and its two retries").isEqualTo(3);
  }

  @Test
  void aBrokenStreamIsEverybodysErrorAndNeverKept() throws Exception {
    Gate gate = new Gate();
    upstream.play(Script.events().data(chunk("one ")).pause(gate).cut());
    List<CompletableFuture<HttpResponse<String>>> streams = send(stream, 5);
    awaitCollapsed(4);
    CompletableFuture<HttpResponse<String>> document = send(plain, 1).get(0);
    awaitCollapsed(5);
    gate.open();

    assertThat(bodies(streams))
        .allSatisfy(body -> assertThat(Events.of(body).text(0)).isEqualTo("one "))
        .allSatisfy(body -> assertThat(Events.of(body).errors()).hasSize(1))
        .allSatisfy(body -> assertThat(Events.of(body).terminators()).isZero());
    assertThat(document.join().statusCode()).isEqualTo(502);
    assertThat(upstream.calls()).isEqualTo(1);

    upstream.play(stream());
    assertThat(Events.of(proxy.postTo(dialect.path(), stream).body()).text(0)).isEqualTo(TEXT);
    assertThat(upstream.calls()).isEqualTo(2);
  }

  @Test
  void whoWantsAnAnswerOfItsOwnIsNotGivenAnothers() throws Exception {
    Gate gate = new Gate();
    upstream.play(Script.silence().pause(gate).then(Script.json(whole)));
    CompletableFuture<HttpResponse<String>> first = send(plain, 1).get(0);
    upstream.awaitCalls(1);
    upstream.play(Script.json(whole));

    assertThat(proxy.postTo(dialect.path(), plain, "Cache-Control", "no-cache").statusCode())
        .isEqualTo(200);
    assertThat(proxy.postTo(dialect.path(), plain, "Cache-Control", "no-store").statusCode())
        .isEqualTo(200);
    gate.open();

    assertThat(first.join().body()).isEqualTo(whole);
    assertThat(upstream.calls()).isEqualTo(3);
  }

  @Test
  void anAnswerTooLargeToBeHeldReachesItsReadersAndHoldsUpNobodyElse() throws Exception {
    restart("cache: {maxEntry: 16KiB}");
    Gate gate = new Gate();
    String large = "x".repeat(8 * 1024);
    Script body = Script.events().data(chunk(large)).data(chunk(large)).data(chunk(large));
    upstream.play(body.pause(gate).then(rest()));
    CompletableFuture<HttpResponse<String>> first = send(stream, 1).get(0);
    awaitMetric("refrain_flights_completed_total", "outcome=\"unshareable\"", 1);

    upstream.play(body.then(rest()));
    String late = proxy.postTo(dialect.path(), stream).body();
    gate.open();

    assertThat(Events.of(late).text(0)).startsWith("xxx").endsWith("five ");
    assertThat(Events.of(first.join().body()).text(0)).isEqualTo(Events.of(late).text(0));
    assertThat(upstream.calls()).isEqualTo(2);
  }

  @Test
  void aReaderThatStandsStillStopsNobodyElse() throws Exception {
    restart("cache: {maxEntry: 64MiB}");
    Gate gate = new Gate();
    String large = "x".repeat(64 * 1024);
    upstream.play(
        Script.events()
            .data(chunk("one "))
            .pause(gate)
            .chunks(256, i -> "data: " + chunk(large) + "\n\n")
            .then(rest()));
    try (RawClient still = new RawClient(proxy.port(), 4096)) {
      RawClient.Answer slow = still.postTo(dialect.path(), stream).answer();
      slow.until("one ");
      CompletableFuture<HttpResponse<String>> other = send(stream, 1).get(0);
      awaitCollapsed(1);
      gate.open();

      String body = other.get(20, TimeUnit.SECONDS).body();
      assertThat(Events.of(body).properlyEnded()).isTrue();
      assertThat(Events.of(slow.text()).properlyEnded()).isTrue();
    }
    assertThat(upstream.calls()).isEqualTo(1);
  }

  private void restart(String settings) {
    proxy.close();
    proxy = Proxy.before(upstream.url(), "", settings);
  }

  private String chunk(String text) {
    return dialect.chunk(text, null);
  }

  private Script plain() {
    return Script.json(whole);
  }

  private Script stream() {
    Gate open = new Gate();
    open.open();
    return stream(open);
  }

  private Script stream(Gate gate) {
    return Script.events().data(chunk("one ")).pause(gate).data(chunk("two ")).then(rest());
  }

  private Script rest() {
    return Script.silence()
        .data(chunk("three "))
        .data(chunk("four "))
        .data(dialect.chunk("five ", "stop"))
        .then(usageAndEnd());
  }

  /** A stream up to the end of its choice. */
  private Script ending() {
    return Script.events().data(chunk("one two three four ")).data(dialect.chunk("five ", "stop"));
  }

  private Script endingWithUsage(Gate tail) {
    return ending().data(dialect.usage()).pause(tail).done();
  }

  private Script usageAndEnd() {
    return Script.silence().data(dialect.usage()).done();
  }

  private String text(String body) {
    return dialect.text(body);
  }

  private List<CompletableFuture<HttpResponse<String>>> send(String body, int times) {
    return IntStream.range(0, times).mapToObj(i -> send(body)).toList();
  }

  private CompletableFuture<HttpResponse<String>> send(String body) {
    return client.sendAsync(
        proxy.request(dialect.path()).POST(BodyPublishers.ofString(body)).build(),
        BodyHandlers.ofString());
  }

  private CompletableFuture<HttpResponse<String>> later(int millis, String body) {
    Executor delayed = CompletableFuture.delayedExecutor(millis, TimeUnit.MILLISECONDS);
    return CompletableFuture.supplyAsync(() -> body, delayed).thenCompose(this::send);
  }

  private static List<String> bodies(List<CompletableFuture<HttpResponse<String>>> answers) {
    return answers.stream().map(answer -> answer.join().body()).toList();
  }

  private static List<String> outcomes(List<CompletableFuture<HttpResponse<String>>> answers) {
    return answers.stream()
        .map(answer -> answer.join().headers().firstValue("Cache-Status").orElseThrow())
        .toList();
  }

  private void awaitCollapsed(int count) {
    awaitMetric("refrain_collapsed_total", "", count);
  }

  private void awaitNoFlights() {
    awaitMetric("refrain_flights", "", 0);
  }

  private void awaitMetric(String name, String label, double value) {
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(() -> assertThat(metric(name, label)).isEqualTo(value));
  }

  /** The sum over all series of this name that have the label. */
  private double metric(String name, String label) {
    return proxy
        .manage("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
        .filter(line -> line.contains(label))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }
}
