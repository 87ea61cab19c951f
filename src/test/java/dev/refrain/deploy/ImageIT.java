package dev.refrain.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The command of the pod in a plain shell, over the files of the image. */
@Timeout(180)
class ImageIT {
  private static final Map<String, String> HERE =
      Map.of(
          "REFRAIN_PORT", "0",
          "REFRAIN_MANAGEMENT_PORT", "0",
          "REFRAIN_UPSTREAM_URL", "http://127.0.0.1:1",
          "REFRAIN_REDIS_URL", "redis://127.0.0.1:1");

  @TempDir private Path root;

  @Test
  void theCommandOfThePodStartsAndStopsInTime() throws Exception {
    Rollout rollout = Rollout.of(Rollout.DEV);
    Process process = start(rollout);
    try (BufferedReader out = process.inputReader()) {
      assertThat(out.readLine()).startsWith("Refrain listens on http://0.0.0.0:");
      process.destroy();
      long grace = rollout.pod().getTerminationGracePeriodSeconds();
      assertThat(process.waitFor(grace, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isZero();
    } finally {
      process.destroyForcibly();
    }
  }

  private Process start(Rollout rollout) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(lay("bin/refrain", Path.of("bin/refrain")).toString());
    lay("lib/refrain.jar", Path.of(System.getProperty("refrain.jar")));
    Map.Entry<String, String> config = rollout.configFile();
    Path file = Files.writeString(root.resolve(config.getKey()), config.getValue());
    rollout.container().getArgs().stream()
        .map(arg -> arg.endsWith(config.getKey()) ? file.toString() : arg)
        .forEach(command::add);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(name -> name.startsWith("REFRAIN_"));
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().putAll(HERE);
    return builder.redirectError(root.resolve("errors").toFile()).start();
  }

  private Path lay(String place, Path file) throws IOException {
    Path laid = root.resolve("opt/refrain").resolve(place);
    Files.createDirectories(laid.getParent());
    return Files.copy(file, laid, StandardCopyOption.COPY_ATTRIBUTES);
  }
}
