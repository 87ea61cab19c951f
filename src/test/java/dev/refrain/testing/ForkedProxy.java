package dev.refrain.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The program as users start it: the jar that was built, in a JVM of its own with a small heap.
 * Only for tests that run after the jar is made.
 */
public final class ForkedProxy implements AutoCloseable {
  private static final Pattern PORT = Pattern.compile("http://127\\.0\\.0\\.1:(\\d+)");

  private final String upstream;
  private final String ofServer;
  private final Process process;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Path config;
  private final Path log = log();
  private final int port;
  private final int managementPort;

  /** Starts the jar before this upstream with these JVM flags, and waits until it listens. */
  public ForkedProxy(ScriptedUpstream upstream, String... flags) throws IOException {
    this(upstream, "", List.of(flags));
  }

  /** The same with further lines of the configuration. */
  public ForkedProxy(ScriptedUpstream upstream, String others, List<String> flags)
      throws IOException {
    this(upstream.url(), others, flags);
  }

  /** The same before an upstream of another kind. */
  public ForkedProxy(String upstream, String others, List<String> flags) throws IOException {
    this(upstream, others, "eventLoops: 2", flags);
  }

  /** The same with these settings of the door. */
  public ForkedProxy(String upstream, String others, String ofServer, List<String> flags)
      throws IOException {
    this.upstream = upstream;
    this.ofServer = ofServer;
    config = Files.createTempFile("refrain", ".yaml");
    configure(others);
    process = start(flags);
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    Matcher ports = PORT.matcher(String.valueOf(out.readLine()));
    port = next(ports);
    managementPort = next(ports);
  }

  /** What it logs, beside the log of the tests. */
  private static Path log() throws IOException {
    Path folder = Files.createDirectories(Path.of("target", "test-logs"));
    return Files.createTempFile(folder, "proxy-", ".log");
  }

  /** Puts other further lines of the configuration in the place of those before, in one move. */
  public void configure(String others) throws IOException {
    Path news = Files.createTempFile("refrain", ".yaml");
    Files.writeString(
        news,
        """
        server: {host: 127.0.0.1, port: 0, %s}
        management: {host: 127.0.0.1, port: 0, reload: 50ms}
        upstreams: [{url: "%s", connectTimeout: 20s}]
        %s
        """
            .formatted(ofServer, upstream, others));
    Files.move(news, config, StandardCopyOption.REPLACE_EXISTING);
  }

  private Process start(List<String> flags) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.addAll(List.of("-jar", System.getProperty("refrain.jar"), "serve", "--config"));
    command.add(config.toString());
    return new ProcessBuilder(command).redirectError(log.toFile()).start();
  }

  private int next(Matcher ports) throws IOException {
    if (!ports.find()) {
      throw new IllegalStateException(
          "the proxy did not say where it listens: " + Files.readString(log));
    }
    return Integer.parseInt(ports.group(1));
  }

  /** The public port. */
  public int port() {
    return port;
  }

  /** Whether it still runs. */
  public boolean isAlive() {
    return process.isAlive();
  }

  /** Bytes of heap in use after a full collection. */
  public long liveHeap() throws Exception {
    Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    new ProcessBuilder(jcmd.toString(), Long.toString(process.pid()), "GC.run")
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor();
    return (long) metric("jvm_memory_used_bytes{area=\"heap\"");
  }

  /** The lines of the metrics that begin so, labels included. */
  public List<String> samples(String beginning) throws Exception {
    URI metrics = URI.create("http://127.0.0.1:" + managementPort + "/metrics");
    return client
        .send(HttpRequest.newBuilder(metrics).build(), BodyHandlers.ofLines())
        .body()
        .filter(line -> line.startsWith(beginning))
        .toList();
  }

  /** The sum of the values of {@link #samples}. */
  public double metric(String beginning) throws Exception {
    return samples(beginning).stream()
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  /** Whether it says that requests shall be sent to it. */
  public boolean isReady() {
    URI ready = URI.create("http://127.0.0.1:" + managementPort + "/health/ready");
    // Who does not answer soon is not ready either.
    HttpRequest question = HttpRequest.newBuilder(ready).timeout(Duration.ofSeconds(1)).build();
    try {
      return client.send(question, BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException gone) {
      return false;
    } catch (InterruptedException stopped) {
      throw new IllegalStateException(stopped);
    }
  }

  /** Tells it to end (SIGTERM). */
  public void terminate() {
    process.destroy();
  }

  /** The status it ended with, which is waited for. */
  public int exitStatus() throws InterruptedException {
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      throw new AssertionError("it does not end");
    }
    return process.exitValue();
  }

  /** Kills it as it stands (SIGKILL). */
  public void kill() {
    process.destroyForcibly();
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    try {
      process.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException stopped) {
      throw new IllegalStateException(stopped);
    }
    Files.delete(config);
  }
}
