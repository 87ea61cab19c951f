package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.testing.Dialect;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.ScriptedUpstream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Each recipe of the guide on caching, as it stands there, does what it promises. */
class CachingGuideTest {
  private static final Path GUIDE = Path.of("docs/guide/caching.md");
  private static final Pattern RECIPE =
      Pattern.compile("\\n### ([^\\n]+)\\n(.*?)(?=\\n### |\\n## |\\z)", Pattern.DOTALL);
  private static final Pattern YAML = Pattern.compile("```yaml\\n(.*?)```", Pattern.DOTALL);
  private static final String UPSTREAM = "http://engine:8000";

  private final ScriptedUpstream upstream =
      ScriptedUpstream.playing(request -> Dialect.of(request).answer(request));
  private Proxy proxy;

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  /** Starts with the n-th block of a recipe. */
  private void cook(String recipe, int block) throws IOException {
    String settings = blocks(recipe).get(block).replace(UPSTREAM, upstream.url());
    proxy =
        settings.contains("upstreams:")
            ? Proxy.with(settings)
            : Proxy.before(upstream.url(), "", settings);
  }

  private static List<String> blocks(String recipe) throws IOException {
    String guide = Files.readString(GUIDE);
    String recipes = guide.substring(guide.indexOf("\n## Recipes"));
    Matcher each = RECIPE.matcher(recipes.substring(0, recipes.indexOf("\n## How to read")));
    while (each.find()) {
      if (each.group(1).equals(recipe)) {
        List<String> blocks = new ArrayList<>();
        YAML.matcher(each.group(2)).results().forEach(block -> blocks.add(block.group(1)));
        return blocks;
      }
    }
    throw new AssertionError("no recipe " + recipe);
  }

  private String status(Dialect dialect, String body, String... headers) {
    HttpResponse<String> response = proxy.postTo(dialect.path(), body, headers);
    assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
    return response.headers().firstValue("Cache-Status").orElse("");
  }

  private void isStored(Dialect dialect, String body, String... headers) {
    assertThat(status(dialect, body, headers)).contains("uri-miss");
    assertThat(status(dialect, body, headers)).contains("; hit;");
  }

  private void isNotStored(Dialect dialect, String body, String detail, String... headers) {
    assertThat(status(dialect, body, headers)).contains("detail=" + detail);
    assertThat(status(dialect, body, headers)).contains("detail=" + detail);
  }

  private static String asking(Dialect dialect, String model, String temperature) {
    return dialect
        .asking("p")
        .replace("\"model\":\"m\"", "\"model\":\"" + model + "\"")
        .replace(
            ",\"temperature\":0", temperature == null ? "" : ",\"temperature\":" + temperature);
  }

  @Test
  void frontierModelsAreStoredWithoutATemperature() throws IOException {
    cook("Frontier models that refuse `temperature`", 0);
    isStored(Dialect.CHAT, asking(Dialect.CHAT, "gpt-5-mini", null));
    isNotStored(Dialect.CHAT, asking(Dialect.CHAT, "gpt-4o", null), "sampled");
    isNotStored(Dialect.CHAT, asking(Dialect.CHAT, "gpt-5-mini", "1"), "sampled");
  }

  @Test
  void codeCompletionIsStoredNearZero() throws IOException {
    cook("Code completion with a temperature near 0", 0);
    isStored(Dialect.COMPLETIONS, asking(Dialect.COMPLETIONS, "m", "0.01"));
    isStored(Dialect.COMPLETIONS, asking(Dialect.COMPLETIONS, "m", "0.1"));
    isNotStored(Dialect.COMPLETIONS, asking(Dialect.COMPLETIONS, "m", "0.7"), "sampled");
    isNotStored(Dialect.CHAT, asking(Dialect.CHAT, "m", "0.1"), "sampled");
  }

  @Test
  void evaluationsTakeTurnsWithKSamples() throws IOException {
    cook("Evaluations with k samples", 0);
    String body = asking(Dialect.CHAT, "m", "1");
    String[] eval = {"User-Agent", "eval-harness/2"};
    for (int i = 0; i < 20; i++) {
      assertThat(status(Dialect.CHAT, body, eval))
          .contains(i < 16 ? "uri-miss" : "; hit;")
          .contains("; sample=" + i % 16 + ";");
    }
    assertThat(upstream.calls()).isEqualTo(16);
    isNotStored(Dialect.CHAT, body, "sampled");
    assertThat(status(Dialect.CHAT, body, "X-Refrain-Run", "tuesday")).contains("; hit;");
  }

  @Test
  void benchmarksReachTheModel() throws IOException {
    cook("Benchmarks that must bypass the cache", 0);
    String body = asking(Dialect.CHAT, "m", "0");
    isNotStored(Dialect.CHAT, body, "disabled", "User-Agent", "vllm-bench/1");
    isStored(Dialect.CHAT, body);
  }

  @Test
  void runnersWithDifferentKeysShareOneCache() throws IOException {
    cook("One cache for CI runners with different keys", 0);
    String body = asking(Dialect.CHAT, "m", "0");
    Matcher secrets =
        Pattern.compile("secret: ([\\w-]+)")
            .matcher(blocks("One cache for CI runners with different keys").get(0));
    List<String> keys = secrets.results().map(found -> found.group(1)).toList();
    assertThat(keys).hasSize(2);
    assertThat(status(Dialect.CHAT, body, "api-key", keys.get(0))).contains("uri-miss");
    assertThat(status(Dialect.CHAT, body, "api-key", keys.get(1))).contains("; hit;");
  }

  @Test
  void runnersWithKeysOfAnybodyShareOneCache() throws IOException {
    cook("One cache for CI runners with different keys", 1);
    String body = asking(Dialect.CHAT, "m", "0");
    assertThat(status(Dialect.CHAT, body, "Authorization", "Bearer one")).contains("uri-miss");
    assertThat(status(Dialect.CHAT, body, "Authorization", "Bearer two")).contains("; hit;");
    assertThat(upstream.last().head().all("Authorization")).doesNotContain("Bearer one");
  }

  @Test
  void anEngineWhoseDefaultIsZeroIsStoredWithoutATemperature() throws IOException {
    cook("A self-hosted engine whose default temperature is 0", 0);
    isStored(Dialect.CHAT, asking(Dialect.CHAT, "qwen3", null));
    isNotStored(Dialect.CHAT, asking(Dialect.CHAT, "gpt-4o", null), "sampled");
  }

  @Test
  void everyBlockOfTheRecipesIsOneOfThese() throws IOException {
    cook("Benchmarks that must bypass the cache", 0);
    String guide = Files.readString(GUIDE);
    String recipes =
        guide.substring(guide.indexOf("\n## Recipes"), guide.indexOf("\n## How to read"));
    assertThat(YAML.matcher(recipes).results()).hasSize(7);
    assertThat(RECIPE.matcher(recipes).results()).hasSize(6);
  }
}
