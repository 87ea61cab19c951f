package dev.refrain.management;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.settings.Secret;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.json.pointer.JsonPointer;
import java.io.StringReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** What is served at {@code /} is a page that a browser can use, and nothing else is needed. */
class LivePageTest {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final ManagementVerticle door =
      new ManagementVerticle(
          new ManagementSettings(
              "127.0.0.1", 0, Secret.of("a-token"), 64, Duration.ofSeconds(10), Duration.ZERO),
          registry,
          new ManagementServices(
              ManagementVerticleTest.Answering.of(() -> true),
              what -> Future.failedFuture("nobody purges"),
              () -> Future.failedFuture("nobody reloads"),
              question -> Future.failedFuture("nothing is explained"),
              new RecentRequests(() -> 0),
              new Savings(new Savings.Tariff("USD", model -> tokens -> 0), () -> 0),
              JsonArray::new,
              (by, most) -> new JsonArray(),
              null,
              () -> 8080));
  private final Vertx vertx = Vertx.vertx();
  private HttpResponse<String> answer;
  private String page;

  @BeforeEach
  void open() throws Exception {
    vertx.deployVerticle(door).await();
    URI uri = URI.create("http://127.0.0.1:" + door.port() + "/");
    answer =
        HttpClient.newHttpClient()
            .send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
    page = answer.body();
  }

  @AfterEach
  void close() {
    vertx.close().await();
  }

  @Test
  void thePageIsOpenWhereAdminRequestsAreNot() {
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("content-type")).hasValue("text/html; charset=utf-8");
    assertThat(answer.headers().firstValue("cache-control")).hasValue("no-store");
    assertThat(answer.headers().firstValue("x-content-type-options")).hasValue("nosniff");
  }

  @Test
  void thePolicyLetsTheBrowserRunWhatStandsInThePageAndNothingElse() throws Exception {
    String policy = answer.headers().firstValue("content-security-policy").orElseThrow();

    assertThat(policy.split("; "))
        .containsExactlyInAnyOrder(
            "default-src 'none'",
            "connect-src 'self'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "style-src '" + hash(within("style")) + "'",
            "script-src '" + hash(within("script")) + "'");
    assertThat(page).doesNotContain(" style=", " onclick=", " onload=", "javascript:");
  }

  @Test
  void thePageAsksNothingOfAnyOtherHost() {
    assertThat(all("(?:href|src|action)=\"([^\"]*)\"", page))
        .isNotEmpty()
        .allMatch(link -> link.startsWith("data:") || link.matches("[\\w/]+"));
    assertThat(all("(https?://[^'\"]*)", page)).containsExactly("http://www.w3.org/2000/svg");
    assertThat(page).doesNotContain("url(", "@import", "XMLHttpRequest", "WebSocket");
    assertThat(all("(?<!async function )(?:\\bfetch|\\bask)\\((\\w*\"[^\"]*|path)", page))
        .isNotEmpty()
        .allMatch(path -> path.matches("path|\"[a-z/]+\\??"));
  }

  @Test
  void thePageIsWellFormedAndItsIdsAreItsOwn() throws Exception {
    List<String> ids = ids();

    assertThat(ids).hasSizeGreaterThan(20).doesNotHaveDuplicates();
    assertThat(ids).containsAll(all("aria-(?:labelledby|describedby)=\"([\\w-]+)\"", page));
    assertThat(document().getDocumentElement().getAttribute("lang")).isEqualTo("en");
  }

  @Test
  void everyElementTheScriptUsesIsThere() throws Exception {
    String script = within("script");
    Set<String> used = all("(?:\\$|put)\\(\"([\\w-]+)\"[,)]", script);
    Set<String> families = all("(?:\\$|put)\\(\"([\\w-]+-)\" \\+", script);

    assertThat(used).hasSizeGreaterThan(20);
    assertThat(ids()).containsAll(used);
    assertThat(families).isNotEmpty();
    assertThat(families).allMatch(family -> page.contains("id=\"" + family));
  }

  @Test
  void everyNumberOfThePageIsSetByTheScript() throws Exception {
    String script = within("script");

    assertThat(all("<data id=\"([\\w-]+)\"", page))
        .isNotEmpty()
        .allMatch(
            id ->
                script.contains("put(\"" + id + "\"")
                    || script.contains("put(\"" + id.replaceAll("\\w+$", "") + "\" +"));
  }

  @Test
  void everyFieldTheScriptReadsIsInAnEvent() {
    JsonObject event =
        new History(registry.getPrometheusRegistry(), JsonObject::new, () -> 1).now();

    Set<String> read =
        all("\\bs\\.(\\w+(?:\\.(?!length|map|forEach|toLocale)\\w+)*)", within("script"));

    assertThat(read).hasSizeGreaterThan(20);
    assertThat(read)
        .allSatisfy(
            field ->
                assertThat(JsonPointer.from("/" + field.replace('.', '/')).queryJson(event))
                    .as(field)
                    .isNotNull());
  }

  private String within(String element) {
    return all("(?s)<" + element + ">(.*?)</" + element + ">", page).iterator().next();
  }

  private List<String> ids() throws Exception {
    List<String> ids = new ArrayList<>();
    NodeList elements = document().getElementsByTagName("*");
    for (int i = 0; i < elements.getLength(); i++) {
      String id = ((Element) elements.item(i)).getAttribute("id");
      if (!id.isEmpty()) {
        ids.add(id);
      }
    }
    return ids;
  }

  private Document document() throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(page)));
  }

  private static String hash(String text) throws Exception {
    byte[] digest =
        MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    return "sha256-" + Base64.getEncoder().encodeToString(digest);
  }

  private static Set<String> all(String pattern, String text) {
    Set<String> found = new TreeSet<>();
    for (MatchResult match : Pattern.compile(pattern).matcher(text).results().toList()) {
      found.add(match.group(1));
    }
    return found;
  }
}
