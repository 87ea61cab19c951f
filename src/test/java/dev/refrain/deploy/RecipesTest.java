package dev.refrain.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The recipes of the guide to recordings. */
class RecipesTest {
  private static final Path PAGE = Path.of("docs/guide/record-and-replay.md");
  private static final String REPLAY =
      "refrain/bin/refrain replay --from tests/job.jsonl --report replay.json -- pytest tests/llm";

  @Test
  void theWorkflowIsOneThatGitHubActionsReads() throws IOException {
    JsonNode workflow = new YAMLMapper().readTree(block("yaml"));
    JsonNode job = workflow.path("jobs").path("replay");

    assertThat(workflow.path("on").isArray()).isTrue();
    assertThat(workflow.path("permissions").path("contents").asText()).isEqualTo("read");
    assertThat(job.path("runs-on").asText()).isNotEmpty();
    assertThat(job.path("steps"))
        .isNotEmpty()
        .allSatisfy(
            step -> {
              assertThat(step.has("uses") ^ step.has("run")).isTrue();
              assertThat(step.path("uses").asText("a/b@v1")).matches("[\\w.-]+/[\\w.-]+@v\\d+");
            });
    assertThat(job.path("steps").findValuesAsText("run")).contains(REPLAY);
  }

  @Test
  void theShellStepHasThreeLines() throws IOException {
    List<String> step = blocks("sh").get(1).lines().toList();

    assertThat(step).hasSize(3).last().isEqualTo(REPLAY);
  }

  @Test
  void theFixtureHasTenLines() throws IOException {
    assertThat(block("python").lines()).filteredOn(line -> !line.isBlank()).hasSize(10);
  }

  private static String block(String language) throws IOException {
    return blocks(language).get(0);
  }

  private static List<String> blocks(String language) throws IOException {
    Matcher fenced =
        Pattern.compile("(?ms)^```" + language + "\\n(.*?)^```$").matcher(Files.readString(PAGE));
    return fenced.results().map(block -> block.group(1)).toList();
  }
}
