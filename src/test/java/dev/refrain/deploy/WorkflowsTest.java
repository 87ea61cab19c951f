package dev.refrain.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The workflows of GitHub Actions run what is there, and need no secret. */
class WorkflowsTest {
  private static final Pattern FILE =
      Pattern.compile("(?<![\\w/.-])(?:\\.ci|bin|k8s)/[\\w./-]*\\w|\\./mvnw\\b");

  private static final List<String> ACTIONS =
      List.of("actions/checkout@v4", "actions/setup-java@v4", "actions/upload-artifact@v4");

  @ParameterizedTest
  @ValueSource(strings = {"build", "release"})
  void aWorkflowMayReadTheRepositoryAndKnowsNoSecret(String name) {
    JsonNode workflow = workflow(name);
    assertThat(workflow.path("permissions").toString()).isEqualTo("{\"contents\":\"read\"}");
    assertThat(text(name)).doesNotContain("secrets.", "pull_request_target");
    assertThat(workflow.path("jobs").size()).isGreaterThan(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"build", "release"})
  void everyJobEndsAndEveryStepRunsSomething(String name) {
    for (JsonNode job : workflow(name).path("jobs")) {
      assertThat(job.path("timeout-minutes").asInt()).isBetween(1, 60);
      assertThat(job.path("runs-on").asText()).doesNotContain("latest");
      for (JsonNode step : job.path("steps")) {
        assertThat(step.has("run") ^ step.has("uses")).as(step.toString()).isTrue();
        assertThat(step.has("run") || ACTIONS.contains(step.path("uses").asText()))
            .as(step.toString())
            .isTrue();
        // What others choose (a branch, a title) must not become a part of a command.
        assertThat(step.path("run").asText()).doesNotContain("${{ github");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"build", "release"})
  void everyFileThatAWorkflowRunsIsThere(String name) {
    List<String> files = FILE.matcher(text(name)).results().map(MatchResult::group).toList();
    assertThat(files).isNotEmpty().allSatisfy(file -> assertThat(Path.of(file)).exists());
  }

  private static JsonNode workflow(String name) {
    return ComposeTest.yaml(".github/workflows/" + name + ".yml");
  }

  private static String text(String name) {
    return Docs.read(".github/workflows/" + name + ".yml");
  }
}
