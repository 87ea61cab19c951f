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

  private final Process process;
  private final Path config;
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
    config = Files.createTempFile("refrain", ".yaml");
    Files.writeString(
        config,
        """
        server: {host: 127.0.0.1, port: 0, eventLoops: 2}
        management: {host: 127.0.0.1, port: 0}
        upstreams: [{url: "%s"}]
        %s
        """
            .formatted(upstream, others));
    process = start(flags);
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    Matcher ports = PORT.matcher(String.valueOf(out.readLine()));
    port = next(ports);
    managementPort = next(ports);
  }

  private Process start(List<String> flags) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.addAll(List.of("-jar", System.getProperty("refrain.jar"), "serve", "--config"));
    command.add(config.toString());
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private static int next(Matcher ports) {
    if (!ports.find()) {
      throw new IllegalStateException("the proxy did not say where it listens");
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

  /** What a metric says whose line begins so, labels included; the sum if there are several. */
  public double metric(String beginning) throws Exception {
    URI metrics = URI.create("http://127.0.0.1:" + managementPort + "/metrics");
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(metrics).build(), BodyHandlers.ofLines())
        .body()
        .filter(line -> line.startsWith(beginning))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
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
