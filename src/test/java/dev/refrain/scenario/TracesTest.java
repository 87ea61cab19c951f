package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.refrain.testing.Examples;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.Received;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.io.File;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a collector of traces is told over the wire, and that nobody needs one. */
class TracesTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String PARENT = "00-" + TRACE + "-00f067aa0ba902b7-01";
  private static final String KEY = "Bearer sk-secret";

  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Examples::answer);
  private final ScriptedUpstream collector = ScriptedUpstream.playing(Script.answer(200, ""));

  @AfterEach
  void stop() throws Exception {
    upstream.close();
    collector.close();
  }

  @Test
  void aCollectorIsToldOfRequestsAndCallsAndNeverWhatWasSaid() {
    try (Proxy proxy = traced(collector.url() + "/")) {
      proxy.post(Examples.REQUEST, "traceparent", PARENT, "Authorization", KEY);
      proxy.post(Examples.streaming(), "traceparent", PARENT, "Authorization", KEY);
      proxy.post(Examples.sampling("x").replace("}", ",\"n\":2}"), "Authorization", KEY);
    } // what is still to be sent is sent at the end

    assertThat(collector.received())
        .isNotEmpty()
        .allMatch(sent -> sent.head().target().equals("/v1/traces"));
    String told = collector.received().stream().map(TracesTest::text).collect(Collectors.joining());
    assertThat(told)
        .contains("POST /v1/completions", "text_completion gpt-3.5-turbo-instruct")
        .contains("refrain.usage.output_tokens", "refrain.cache.source", "memory", "127.0.0.1")
        .doesNotContain("this is a test", "indeed", "secret", "Bearer", "temperature");
  }

  @Test
  void theUpstreamsTraceIsTheCallersAndTheSpanAnother() {
    try (Proxy proxy = traced(collector.url())) {
      proxy.post(Examples.REQUEST, "traceparent", PARENT);
      String parent = upstream.last().head().first("traceparent").orElseThrow();
      assertThat(parent).startsWith("00-" + TRACE + "-").endsWith("-01").isNotEqualTo(PARENT);

      proxy.post(Examples.sampling("x").replace("}", ",\"n\":2}"));
      assertThat(upstream.received().subList(1, 3))
          .extracting(call -> call.head().first("traceparent").orElseThrow().substring(3, 35))
          .doesNotContain(TRACE)
          .satisfies(traces -> assertThat(traces.get(0)).isEqualTo(traces.get(1)));
    }
  }

  @Test
  void aRequestOverHttp2IsTracedLikeAnyAndItsBucketLeadsToTheTrace() throws Exception {
    try (Proxy proxy = traced(collector.url())) {
      HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
      HttpRequest.Builder request = proxy.request("/v1/completions");
      for (String prompt : List.of("upgrade", "http2")) {
        request.POST(HttpRequest.BodyPublishers.ofString(Examples.asking(prompt)));
        assertThat(client.send(request.build(), BodyHandlers.ofString()).statusCode())
            .isEqualTo(200);
      }
      String parent = upstream.last().head().first("traceparent").orElseThrow();
      URI page = URI.create("http://127.0.0.1:" + proxy.managementPort() + "/metrics");
      HttpRequest scrape =
          HttpRequest.newBuilder(page).header("Accept", "application/openmetrics-text").build();
      assertThat(proxy.send(scrape).body())
          .containsPattern("refrain_request_duration_seconds_bucket.*trace_id=")
          .doesNotContain("span_id=\"" + parent.substring(36, 52)); // that is the call's
    }
  }

  @Test
  void aCollectorThatIsNotThereHoldsNobodyUp() throws Exception {
    collector.close();
    try (Proxy proxy = traced(collector.url())) {
      assertThat(proxy.post(Examples.REQUEST).statusCode()).isEqualTo(200);
      assertThat(proxy.post(Examples.streaming()).body()).contains("[DONE]");
    }
  }

  @Test
  void whoTracesNothingNeedsNothingForIt() throws Exception {
    ClassLoader all = Thread.currentThread().getContextClassLoader();
    try (URLClassLoader without =
        new URLClassLoader(classes(), ClassLoader.getPlatformClassLoader())) {
      Thread.currentThread().setContextClassLoader(without);
      Class<?> proxies = Class.forName("dev.refrain.testing.Proxy", true, without);
      Object proxy =
          proxies
              .getMethod("before", String.class, String.class, String.class)
              .invoke(null, upstream.url(), "", "");
      try {
        Object answer =
            proxies
                .getMethod("post", String.class, String[].class)
                .invoke(proxy, Examples.REQUEST, new String[] {"traceparent", PARENT});
        assertThat(answer.toString()).contains("200");
      } finally {
        proxies.getMethod("close").invoke(proxy);
      }
      assertThatThrownBy(() -> without.loadClass("io.opentelemetry.api.trace.Span"))
          .isInstanceOf(ClassNotFoundException.class);
    } finally {
      Thread.currentThread().setContextClassLoader(all);
    }
    assertThat(upstream.calls()).isEqualTo(1);
  }

  /** Everything there is but what traces. */
  private static URL[] classes() {
    return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(entry -> !entry.contains("opentelemetry"))
        .map(TracesTest::url)
        .toArray(URL[]::new);
  }

  private static URL url(String entry) {
    try {
      return Path.of(entry).toUri().toURL();
    } catch (MalformedURLException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private Proxy traced(String endpoint) {
    return Proxy.before(upstream.url(), "", "tracing: {endpoint: \"" + endpoint + "\"}");
  }

  private static String text(Received sent) {
    return new String(sent.body(), StandardCharsets.ISO_8859_1);
  }
}
