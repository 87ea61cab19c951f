package dev.refrain.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The program's jar in a process of its own, to be killed. */
public final class Replica implements AutoCloseable {
  private static final Pattern LISTENS =
      Pattern.compile("listens on http://127\\.0\\.0\\.1:(\\d+)");

  private final Process process;
  private final int port;

  private Replica(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /** Starts one with this configuration, which leaves the ports to it; blocks until it listens. */
  public static Replica start(String yaml, Path folder) {
    try {
      Path file = Files.writeString(folder.resolve("replica.yaml"), yaml);
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx256m",
                  "-jar",
                  System.getProperty("refrain.jar"),
                  "serve",
                  "--config",
                  file.toString())
              .redirectError(folder.resolve("replica.log").toFile())
              .start();
      return new Replica(process, port(process));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int port(Process process) throws IOException {
    BufferedReader out = process.inputReader();
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      Matcher listens = LISTENS.matcher(line);
      if (listens.find()) {
        return Integer.parseInt(listens.group(1));
      }
    }
    throw new IOException("the replica did not start");
  }

  /** The public port. */
  public int port() {
    return port;
  }

  /** Kills it as it stands (SIGKILL). */
  public void kill() {
    process.destroyForcibly();
  }

  @Override
  public void close() {
    kill();
  }
}
