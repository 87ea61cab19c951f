package dev.refrain.testing;

import dev.refrain.Refrain;
import dev.refrain.config.Config;
import dev.refrain.config.ConfigLoader;
import dev.refrain.openai.EndpointDefinition;
import dev.refrain.runtime.ConfigFile;
import io.vertx.core.Future;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/** The whole program in this process, on free ports, and a client for it. */
public final class Proxy implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static final String LOOPS = "eventLoops: 2";

  private final Refrain refrain;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(PATIENCE).build();

  private Proxy(Refrain refrain) {
    this.refrain = refrain;
  }

  /** The program as it comes, before this upstream. */
  public static Proxy before(ScriptedUpstream upstream) {
    return before(upstream.url(), "", "");
  }

  /**
   * The program with these settings.
   *
   * @param url of the upstream
   * @param ofUpstream further settings of the upstream: {@code idleTimeout: 1s, waiting: 2}
   * @param others further lines of the configuration
   */
  public static Proxy before(String url, String ofUpstream, String others) {
    return before(url, ofUpstream, others, LOOPS);
  }

  /**
   * The program with these settings, those of the door among them.
   *
   * @param ofServer further settings of the door: {@code eventLoops: 1, connections: 2}
   */
  public static Proxy before(String url, String ofUpstream, String others, String ofServer) {
    String further = ofUpstream.isEmpty() ? "" : ", " + ofUpstream;
    return with("upstreams: [{url: \"%s\"%s}]\n%s".formatted(url, further, others), ofServer);
  }

  /** The program as it comes, with these endpoints in the place of its own. */
  public static Proxy answering(List<EndpointDefinition> endpoints, ScriptedUpstream upstream) {
    String settings = "upstreams: [{url: \"%s\"}]".formatted(upstream.url());
    Config config = ConfigLoader.parse(yaml(settings, LOOPS));
    return new Proxy(
        within(Refrain.start(config, ConfigFile.of(Optional.empty(), Map.of()), endpoints)));
  }

  /** The program with these settings on a machine whose clock is so far ahead, or behind. */
  public static Proxy before(ScriptedUpstream upstream, String others, Duration ahead) {
    String settings = "upstreams: [{url: \"%s\"}]\n%s".formatted(upstream.url(), others);
    Config config = ConfigLoader.parse(yaml(settings, LOOPS));
    return new Proxy(
        within(Refrain.start(config, () -> System.currentTimeMillis() + ahead.toMillis())));
  }

  /**
   * The program before several upstreams.
   *
   * @param upstreams each as in the configuration: {@code name: a, url: "http://…", weight: 2}
   * @param others further lines of the configuration
   */
  public static Proxy among(List<String> upstreams, String others) {
    String each = upstreams.stream().map(one -> "{" + one + "}").collect(Collectors.joining(", "));
    return with("upstreams: [%s]\n%s".formatted(each, others));
  }

  /** The program with these settings beside its ports. */
  public static Proxy with(String settings) {
    return with(settings, LOOPS);
  }

  /** The program with the settings of a file, which it takes up when told to, beside its ports. */
  public static Proxy reading(Path file) {
    ConfigFile source = ConfigFile.of(Optional.of(file), Map.of());
    return reading(source, source.load());
  }

  /** The same, which was read some time ago. */
  public static Proxy reading(ConfigFile source, Config read) {
    return new Proxy(within(Refrain.start(read, source)));
  }

  private static Proxy with(String settings, String ofServer) {
    return new Proxy(within(Refrain.start(ConfigLoader.parse(yaml(settings, ofServer)))));
  }

  /** These settings beside those of the ports. */
  public static String yaml(String settings) {
    return yaml(settings, LOOPS);
  }

  private static String yaml(String settings, String ofServer) {
    return yaml(settings, ofServer, "");
  }

  private static String yaml(String settings, String ofServer, String ofManagement) {
    return """
    server: {host: 127.0.0.1, port: 0, %s}
    management: {host: 127.0.0.1, port: 0%s}
    %s
    """
        .formatted(ofServer, ofManagement, settings);
  }

  /**
   * The program before this upstream.
   *
   * @param ofManagement further settings of the management port: {@code token: secret}
   */
  public static Proxy managed(String url, String ofManagement) {
    String upstreams = "upstreams: [{url: \"%s\"}]".formatted(url);
    String yaml = yaml(upstreams, LOOPS, ", " + ofManagement);
    return new Proxy(within(Refrain.start(ConfigLoader.parse(yaml))));
  }

  /** The public port. */
  public int port() {
    return refrain.port();
  }

  /** The management port. */
  public int managementPort() {
    return refrain.managementPort();
  }

  /** The public base, without a path. */
  public String url() {
    return "http://127.0.0.1:" + port();
  }

  /** Asks for a completion; headers are names and values in turn. */
  public HttpResponse<String> post(String body, String... headers) {
    return postTo("/v1/completions", body, headers);
  }

  /** Posts a body to an endpoint; headers are names and values in turn. */
  public HttpResponse<String> postTo(String path, String body, String... headers) {
    return send(request(path, headers).POST(BodyPublishers.ofString(body)).build());
  }

  /** A request to the public port, not yet built. */
  public HttpRequest.Builder request(String path, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url() + path))
            .timeout(PATIENCE)
            .setHeader("Content-Type", "application/json");
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return request;
  }

  /** A GET to the management port. */
  public HttpResponse<String> manage(String path) {
    URI uri = URI.create("http://127.0.0.1:" + managementPort() + path);
    return send(HttpRequest.newBuilder(uri).timeout(PATIENCE).build());
  }

  /** The sum of the series of this name, of all values of their labels. */
  public double metric(String name) {
    return manage("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .sum();
  }

  /** A POST without a body to the management port. */
  public HttpResponse<String> order(String path) {
    URI uri = URI.create("http://127.0.0.1:" + managementPort() + path);
    return send(
        HttpRequest.newBuilder(uri).timeout(PATIENCE).POST(BodyPublishers.noBody()).build());
  }

  /** Begins to end, and does not wait for it. */
  public void drain() {
    refrain.stop();
  }

  /** Sends a request and waits for the whole answer. */
  public HttpResponse<String> send(HttpRequest request) {
    try {
      return client.send(request, BodyHandlers.ofString());
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    } catch (InterruptedException stopped) {
      throw new IllegalStateException(stopped);
    }
  }

  /** A connection to say exact bytes on. */
  public RawClient connect() throws IOException {
    return new RawClient(port());
  }

  @Override
  public void close() {
    within(refrain.stop());
  }

  private static <T> T within(Future<T> future) {
    try {
      return future.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException late) {
      throw new AssertionError("not done within " + PATIENCE, late);
    }
  }
}
