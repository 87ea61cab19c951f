package dev.refrain.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.testing.Json;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code record} and {@code replay} as a user starts them, over the jar of this build. */
@Timeout(120)
class RecordReplayIT {
  private static final String KEY = "sk-of-the-user-0123456789";

  @TempDir private Path folder;

  private final ScriptedUpstream upstream =
      ScriptedUpstream.playing(request -> Script.json("{\"to\":" + request.text() + "}"));

  @AfterEach
  void stop() throws IOException {
    upstream.close();
  }

  @Test
  void aJobIsRecordedAndReplayedWithoutAnUpstreamAndWithoutAKey() throws Exception {
    Process recording = record(program("one", "two"));
    String recorded = text(recording);
    assertThat(recording.waitFor()).isEqualTo(7);
    assertThat(upstream.calls()).isEqualTo(2);
    assertThat(errors()).startsWith("refrain record: 2 requests, 2 recorded");
    upstream.close();

    List<String> replay = new ArrayList<>(List.of("replay", "--from", "job.jsonl"));
    replay.addAll(List.of("--report", "report.json", "--"));
    Process replaying = start(null, replay, program("one", "two"));
    assertThat(text(replaying)).isEqualTo(recorded);
    assertThat(replaying.waitFor()).isEqualTo(7);
    assertThat(errors()).startsWith("refrain replay: 2 requests, 2 replayed");
    assertThat(Json.read(Files.readString(folder.resolve("report.json"))).path("replayed").asInt())
        .isEqualTo(2);
    for (String name : folder.toFile().list()) {
      assertThat(Files.readString(folder.resolve(name))).doesNotContain(KEY);
    }
  }

  @Test
  void aRequestThatWasNotRecordedEndsTheReplayWithThree() throws Exception {
    assertThat(record(program("one")).waitFor()).isEqualTo(7);
    Process replaying =
        start(null, List.of("replay", "--from", "job.jsonl", "--"), program("other"));

    assertThat(text(replaying)).contains("not_recorded");
    assertThat(replaying.waitFor()).isEqualTo(3);
    assertThat(errors())
        .contains(
            "not recorded: POST /v1/completions; the nearest recording, line 2, differs in: prompt")
        .doesNotContain("other");
  }

  @Test
  void aFileThatCannotBeReadIsOneLineAndStatusTwo() throws Exception {
    Files.writeString(folder.resolve("job.jsonl"), "garbage");
    Process replaying =
        start(null, List.of("replay", "--from", "job.jsonl", "--"), List.of("echo", "ran"));

    assertThat(text(replaying)).isEmpty();
    assertThat(replaying.waitFor()).isEqualTo(2);
    assertThat(errors().lines()).hasSize(1).first().asString().startsWith("refrain: job.jsonl:1: ");
  }

  @Test
  void aSignalIsPassedOnAndTheFileIsWritten() throws Exception {
    // Not INT, which a process of a background job may have inherited as ignored.
    Process recording =
        record(List.of("sh", "-c", "trap 'exit 9' TERM; echo ready; while :; do sleep 0.1; done"));
    try (BufferedReader out = recording.inputReader()) {
      assertThat(out.readLine()).isEqualTo("ready");
      recording.destroy(); // SIGTERM
      assertThat(recording.waitFor()).isEqualTo(9);
    } finally {
      recording.destroyForcibly();
    }
    assertThat(folder.resolve("job.jsonl")).exists();
  }

  @Test
  void itsOwnStatusIsThatOfTheCommandOrSaysWhatIsWrong() throws Exception {
    assertThat(record(List.of("no-such-command")).waitFor()).isEqualTo(127);
    assertThat(errors()).isEqualTo("refrain: no-such-command: command not found\n");
    assertThat(record(List.of("sh", "-c", "kill -KILL $$")).waitFor()).isEqualTo(137);
    assertThat(start(KEY, List.of("record", "--"), List.of("true")).waitFor()).isEqualTo(2);
    List<String> small = new ArrayList<>(List.of("record", "--to", "job.jsonl", "--max-exchange"));
    small.addAll(List.of("10", "--upstream", upstream.url(), "--"));
    assertThat(start(KEY, small, program("one")).waitFor()).isEqualTo(4);
    assertThat(errors()).contains("cannot record POST /v1/completions: larger than 10 bytes");
  }

  private Process record(List<String> command) throws IOException {
    return start(
        KEY, List.of("record", "--to", "job.jsonl", "--upstream", upstream.url(), "--"), command);
  }

  private Process start(String key, List<String> options, List<String> command) throws IOException {
    List<String> all = new ArrayList<>();
    all.add(Path.of("bin", "refrain").toAbsolutePath().toString());
    all.addAll(options);
    all.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(all).directory(folder.toFile());
    builder.environment().keySet().removeIf(name -> name.matches("(REFRAIN|OPENAI)_.*"));
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    if (key != null) {
      builder.environment().put("OPENAI_API_KEY", key);
    }
    return builder.redirectError(folder.resolve("errors").toFile()).start();
  }

  private static List<String> program(String... prompts) throws Exception {
    Path classes =
        Path.of(JobProgram.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-cp", classes.toString()));
    command.add(JobProgram.class.getName());
    command.addAll(List.of(prompts));
    return command;
  }

  private static String text(Process process) throws IOException {
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  private String errors() throws IOException {
    return Files.readString(folder.resolve("errors"));
  }
}
