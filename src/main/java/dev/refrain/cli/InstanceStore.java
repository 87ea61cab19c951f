package dev.refrain.cli;

import dev.refrain.cache.EntryReader;
import dev.refrain.cache.Imported;
import dev.refrain.config.ConfigError;
import dev.refrain.inference.Entry;
import dev.refrain.inference.EntryFilter;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The entries of a running instance, through its management port. */
final class InstanceStore implements EntryStore {
  private static final int OK = 200;
  private static final int REFUSED = 400;
  private static final int NOT_FOUND = 404;
  private static final int LONGEST_REFUSAL = 64 * 1024;

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(10))
          .build();
  private final String base;
  private final String token;
  private final long ttl;
  private final int maxEntry;

  /**
   * The instance behind this management port.
   *
   * @param token empty if it requires none
   * @param ttl how long entries are said to be fresh that do not say it, in milliseconds
   * @param maxEntry the largest body that is listed, in bytes
   */
  InstanceStore(String base, String token, long ttl, int maxEntry) {
    this.base = base;
    this.token = token;
    this.ttl = ttl;
    this.maxEntry = maxEntry;
  }

  private HttpRequest.Builder to(String path, String query) {
    HttpRequest.Builder request;
    try {
      request = HttpRequest.newBuilder(URI.create(base + path + query));
    } catch (IllegalArgumentException noUrl) {
      throw new ConfigError("--url: expected: the URL of the management port");
    }
    return token.isEmpty() ? request : request.setHeader("Authorization", "Bearer " + token);
  }

  private static String query(EntryFilter filter) {
    List<String> parts = new ArrayList<>();
    add(parts, "model", filter.model());
    add(parts, "endpoint", filter.endpoint());
    add(parts, "namespace", filter.namespace());
    if (filter.before() != Long.MAX_VALUE) {
      add(parts, "olderThan", System.currentTimeMillis() - filter.before() + "ms");
    }
    return parts.isEmpty() ? "" : "?" + String.join("&", parts);
  }

  private static void add(List<String> parts, String name, String value) {
    if (!value.isEmpty()) {
      parts.add(name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8));
    }
  }

  private InputStream answer(HttpRequest request) {
    try {
      HttpResponse<InputStream> response = client.send(request, BodyHandlers.ofInputStream());
      if (response.statusCode() == OK) {
        return response.body();
      }
      String why = refusal(response);
      if (response.statusCode() == REFUSED) {
        throw new IllegalArgumentException(why);
      }
      throw new Unusable(why);
    } catch (IOException unreachable) {
      throw new Unusable("no answer from " + base);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new Unusable("interrupted");
    }
  }

  private static String refusal(HttpResponse<InputStream> response) throws IOException {
    try (InputStream body = response.body()) {
      String text = new String(body.readNBytes(LONGEST_REFUSAL), StandardCharsets.UTF_8);
      if (response.statusCode() == NOT_FOUND) {
        return "this is no management port of Refrain, or of an older one";
      }
      return new JsonObject(text).getJsonObject("error").getString("message");
    } catch (RuntimeException strange) {
      return "refused with status " + response.statusCode();
    }
  }

  @Override
  public void export(EntryFilter filter, OutputStream into) throws IOException {
    try (InputStream lines = lines(filter)) {
      byte[] piece = new byte[64 * 1024];
      for (int length = read(lines, piece); length >= 0; length = read(lines, piece)) {
        into.write(piece, 0, length);
      }
    }
  }

  private InputStream lines(EntryFilter filter) {
    return answer(to("/cache/export", query(filter)).build());
  }

  private static int read(InputStream lines, byte[] piece) {
    try {
      return lines.read(piece);
    } catch (IOException broken) {
      throw new Unusable("the instance ended the export early; what was written is not all");
    }
  }

  @Override
  public void entries(EntryFilter filter, Consumer<Entry> into) {
    EntryReader reader = new EntryReader(maxEntry);
    byte[] piece = new byte[64 * 1024];
    try (InputStream lines = lines(filter)) {
      for (int length = read(lines, piece); length >= 0; length = read(lines, piece)) {
        reader.read(piece, length, into);
      }
      reader.end(into);
    } catch (IOException closing) {
      throw new Unusable("no answer from " + base);
    }
  }

  @Override
  public JsonObject load(InputStream from, EntryFilter filter) {
    return ask("/cache/import", query(filter), BodyPublishers.ofInputStream(() -> from));
  }

  private JsonObject ask(String path, String query, BodyPublisher body) {
    try (InputStream answer = answer(to(path, query).POST(body).build())) {
      return new JsonObject(new String(answer.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException broken) {
      throw new Unusable("no answer from " + base);
    }
  }

  @Override
  public String remove(EntryFilter filter) {
    String query = filter.equals(EntryFilter.ALL) ? "?all=true" : query(filter);
    JsonObject removed =
        ask("/cache/remove", query, BodyPublishers.noBody()).getJsonObject("removed");
    StringBuilder text = new StringBuilder();
    removed.forEach(
        tier ->
            text.append(text.isEmpty() ? "" : ", ")
                .append(tier.getValue())
                .append(" removed from ")
                .append(tier.getKey()));
    return text.toString();
  }

  @Override
  public List<Imported> add(List<Entry> entries) {
    throw new UnsupportedOperationException("the instance reads the file itself");
  }

  @Override
  public void verify(Consumer<String> damaged) {
    throw new ConfigError("cache verify: expected: a folder or a Redis; not --url");
  }

  @Override
  public long ttl() {
    return ttl;
  }

  @Override
  public int maxEntry() {
    return maxEntry;
  }

  @Override
  public void close() {}
}
