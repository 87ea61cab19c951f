package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.refrain.testing.Examples;
import dev.refrain.testing.Json;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.ScriptedUpstream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who watches the live page of a running proxy is told what happened, soon after it did. */
class LiveTest {
  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Examples::answer);
  private final Proxy proxy = Proxy.before(upstream);

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  @Test
  void theEventsTellWhatWasAskedPaidAndSaved() throws Exception {
    try (BufferedReader events = watch()) {
      assertThat(next(events).at("/requests/memory").asInt()).isZero();

      proxy.post(Examples.REQUEST);
      proxy.post(Examples.REQUEST);
      proxy.post(Examples.streaming());
      proxy.post(Examples.sampling("x"));
      proxy.post("{\"model\":\"m\",\"prompt\":\"x\",\"n\":1000000}");
      JsonNode told = within(events, event -> event.at("/requests/none").asInt() == 1);

      assertThat(told.at("/requests/memory").asInt()).isEqualTo(2);
      assertThat(told.at("/requests/upstream").asInt()).isEqualTo(2);
      assertThat(told.at("/tokens/memory").asInt()).isEqualTo(24);
      assertThat(told.at("/tokens/upstream").asInt()).isEqualTo(24);
      assertThat(told.at("/lookups/memory/hit").asInt()).isEqualTo(2);
      assertThat(told.at("/bypass/sampled").asInt()).isEqualTo(1);
      assertThat(told.at("/entries").asInt()).isEqualTo(1);
      assertThat(last(told.at("/latency/by/memory"))).isEqualTo(2);
      assertThat(last(told.at("/latency/by/upstream"))).isEqualTo(2);
      assertThat(last(told.at("/overhead/counts"))).isEqualTo(4);
      assertThat(told.at("/version").asText()).isNotEmpty();
      assertThat(told.at("/upstreams/0/state").asText()).isEqualTo("closed");
      assertThat(told.at("/upstreams/0/tries").asInt()).isEqualTo(2);
      assertThat(told.at("/started").asLong()).isLessThan(told.at("/at").asLong()).isPositive();
    }
  }

  @Test
  void theEventsTellHowLongAStreamTookToBegin() throws Exception {
    try (BufferedReader events = watch()) {
      proxy.post(Examples.streaming("x"));

      within(events, event -> last(event.at("/firstToken/counts")) == 1);
    }
  }

  private static int last(JsonNode counts) {
    return counts.path(counts.size() - 1).asInt();
  }

  // What has happened is in an event that is begun now, or in the next: at half a second each.
  // Those
  // from before, which nobody has read yet, do not count.
  private static JsonNode within(BufferedReader events, Predicate<JsonNode> wanted) {
    long now = System.currentTimeMillis();
    JsonNode event = next(events);
    while (event.at("/at").asLong() < now) {
      event = next(events);
    }
    JsonNode told = wanted.test(event) ? event : next(events);
    assertThat(wanted.test(told)).as("%s", told).isTrue();
    return told;
  }

  private static JsonNode next(BufferedReader events) {
    try {
      String line = events.readLine();
      return line.startsWith("data: ") ? Json.read(line.substring(6)) : next(events);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  private BufferedReader watch() throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + proxy.managementPort() + "/events");
    InputStream events =
        HttpClient.newHttpClient()
            .send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofInputStream())
            .body();
    return new BufferedReader(new InputStreamReader(events, StandardCharsets.UTF_8));
  }
}
