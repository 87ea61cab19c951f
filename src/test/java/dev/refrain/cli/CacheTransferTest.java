package dev.refrain.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.cache.EntryLine;
import dev.refrain.inference.Entry;
import dev.refrain.testing.Chats;
import dev.refrain.testing.Examples;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.Received;
import dev.refrain.testing.RedisFixture;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import dev.refrain.testing.Vectors;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code cache} between folders, a Redis and running instances. */
class CacheTransferTest {
  private static final String KEY = "sk-a-secret-of-the-caller";
  private static final String TOKEN = "token-of-the-port";
  private static final int ENTRIES = StoredFolders.ENTRIES;

  @TempDir private static Path shared;
  private static ScriptedUpstream upstream;
  private static RedisFixture redis;
  private static Proxy inMemory;
  private static Proxy onDisk;

  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  /** Where entries are moved to. */
  private enum Place {
    FOLDER,
    REDIS,
    IN_MEMORY,
    ON_DISK
  }

  @BeforeAll
  static void start() {
    upstream = ScriptedUpstream.playing(CacheTransferTest::answer);
    redis = new RedisFixture();
    inMemory = instance("memory: {size: 256MiB}");
    onDisk = instance("disk: {path: '" + shared.resolve("tier") + "'}");
  }

  private static Proxy instance(String cache) {
    return Proxy.managed(upstream.url(), "token: " + TOKEN + "}\ncache: {" + cache);
  }

  @AfterAll
  static void stop() throws Exception {
    inMemory.close();
    onDisk.close();
    redis.close();
    upstream.close();
  }

  private String[] words(Place place) {
    return switch (place) {
      case FOLDER -> new String[] {"--path", folder.resolve("other").toString()};
      case REDIS -> new String[] {"--redis", redis.url()};
      case IN_MEMORY -> of(inMemory);
      case ON_DISK -> of(onDisk);
    };
  }

  private static String[] of(Proxy instance) {
    return new String[] {"--url", url(instance)};
  }

  private static String url(Proxy instance) {
    return "http://127.0.0.1:" + instance.managementPort();
  }

  private int run(String command, String[] place, Object... more) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    Stream<String> others = Stream.of(more).map(Object::toString);
    return Main.commandLine(Map.of("REFRAIN_MANAGEMENT_TOKEN", TOKEN))
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(
            Stream.of(Stream.of("cache", command), Stream.of(place), others)
                .flatMap(each -> each)
                .toArray(String[]::new));
  }

  private Path file(Entry... entries) throws IOException {
    StringBuilder lines = new StringBuilder(EntryLine.HEADER + "\n");
    Stream.of(entries).forEach(each -> lines.append(EntryLine.write(each)).append('\n'));
    return Files.writeString(folder.resolve("some.jsonl"), lines);
  }

  @ParameterizedTest
  @EnumSource
  void everyEntryArrivesAndComesBackAsItWas(Place place) throws IOException {
    Path file = folder.resolve("entries.jsonl");
    Path back = folder.resolve("back.jsonl");
    Path from = folder.resolve("from");
    StoredFolders.store(from, IntStream.range(0, ENTRIES).mapToObj(StoredFolders::entry).toList());
    run("export", new String[] {"--path", from.toString()}, "--to", file);

    assertThat(run("import", words(place), "--from", file)).as(err.toString()).isZero();
    assertThat(out.toString()).isEqualToIgnoringNewLines(ENTRIES + " stored");
    assertThat(run("export", words(place), "--to", back)).as(err.toString()).isZero();
    assertThat(Files.readAllLines(back))
        .containsExactlyInAnyOrderElementsOf(Files.readAllLines(file));

    assertThat(run("import", words(place), "--from", file)).isZero();
    assertThat(out.toString()).isEqualToIgnoringNewLines("0 stored, " + ENTRIES + " kept");
    assertThat(run("ls", words(place), "--model", "model-1", "--json")).isZero();
    assertThat(out.toString().lines()).hasSize(ENTRIES / 4);
    assertThat(run("rm", words(place), "--endpoint", "chat")).isZero();
    run("export", words(place), "--to", back);
    assertThat(Files.readAllLines(back)).hasSize(1 + ENTRIES / 2);
    assertThat(run("rm", words(place), "--all")).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void anOlderEntryDoesNotTakeThePlaceOfANewerOne(Place place) throws IOException {
    long now = System.currentTimeMillis();
    run("import", words(place), "--from", file(StoredFolders.entry(1, now - 1000)));

    run("import", words(place), "--from", file(StoredFolders.entry(1, now - 2000)));
    assertThat(out.toString()).isEqualToIgnoringNewLines("0 stored, 1 kept");
    run("import", words(place), "--from", file(StoredFolders.entry(1, now)));
    assertThat(out.toString()).isEqualToIgnoringNewLines("1 stored");
    run("export", words(place), "--to", folder.resolve("now"));
    assertThat(Files.readString(folder.resolve("now"))).contains("\"storedAt\":" + now);
    run("import", words(place), "--from", file(StoredFolders.entry(2, now + 60_000)));
    assertThat(out.toString()).isEqualToIgnoringNewLines("0 stored, 1 future");
    run("rm", words(place), "--all");
  }

  @ParameterizedTest
  @EnumSource
  void whatWasPurgedStaysPurged(Place place) throws IOException {
    long now = System.currentTimeMillis();
    Entry purged = StoredFolders.entry(7, now - 1000);
    Entry other = StoredFolders.entry(8, now - 1000);
    run("import", words(place), "--from", file(purged, other));
    purge(place, purged, now);

    assertThat(run("export", words(place), "--to", folder.resolve("now"))).isZero();
    assertThat(Files.readString(folder.resolve("now")))
        .doesNotContain(purged.fingerprint().toString())
        .contains(other.fingerprint().toString());
    run("import", words(place), "--from", file(purged, other));
    assertThat(out.toString()).isEqualToIgnoringNewLines("0 stored, 1 kept, 1 purged");
    run("rm", words(place), "--all");
  }

  private void purge(Place place, Entry entry, long now) throws IOException {
    String what = "fingerprint:" + entry.fingerprint();
    switch (place) {
      case FOLDER -> StoredFolders.purge(folder.resolve("other"), now + " " + what);
      case REDIS ->
          redis.command(
              Request.cmd(Command.HSET).arg("refrain:1:epochs").arg(what).arg(Long.toString(now)));
      default -> {
        URI uri =
            URI.create(
                url(place == Place.ON_DISK ? onDisk : inMemory)
                    + "/cache/purge?"
                    + what.replace(':', '='));
        HttpRequest order = authorized(uri).POST(BodyPublishers.noBody()).build();
        assertThat(inMemory.send(order).statusCode()).isEqualTo(200);
      }
    }
  }

  private static HttpRequest.Builder authorized(URI uri) {
    return HttpRequest.newBuilder(uri).setHeader("Authorization", "Bearer " + TOKEN);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"scope\":\"[0-9a-f]+\" | \"scope\":\"12\" | scope: expected: 16 hexadecimal digits",
        "\"status\":200 | \"status\":500 | status: expected: 200 to 299",
        "\"ttl\": | \"lifetime\": | lifetime: not a member of an entry",
        "\"model\":\"[^\"]+\", | `` | model: missing",
        "^\\{ | [ | not a JSON object",
        "\"content-type\" | \"a\\\\r\" | headers: expected: pairs of a name and a value",
      })
  void aLineThatIsWrongIsNamedWithItsMember(String part, String wrong, String says)
      throws IOException {
    List<String> lines = Files.readAllLines(file(StoredFolders.entry(1), StoredFolders.entry(2)));
    Path file = folder.resolve("wrong.jsonl");
    Files.write(file, List.of(lines.get(0), lines.get(1), lines.get(2).replaceFirst(part, wrong)));

    for (Place place : Place.values()) {
      assertThat(run("import", words(place), "--from", file)).as(place.name()).isEqualTo(2);
      assertThat(err.toString()).startsWith("refrain: --from: line 3: " + says);
      assertThat(run("export", words(place), "--to", folder.resolve("now"))).isZero();
      assertThat(Files.readAllLines(folder.resolve("now")))
          .containsExactly(lines.get(0), lines.get(1));
      run("rm", words(place), "--all");
    }
  }

  @Test
  void withoutTheTokenNothingMoves() throws IOException {
    Path token = Files.writeString(folder.resolve("token"), TOKEN + "\n");
    Path file = file(StoredFolders.entry(1));
    String[] place = {"--url", url(inMemory), "--token", "another"};

    assertThat(run("import", place, "--from", file)).isEqualTo(1);
    assertThat(run("export", place, "--to", folder.resolve("none"))).isEqualTo(1);
    assertThat(run("rm", place, "--all")).isEqualTo(1);
    assertThat(err.toString()).contains("the management token").doesNotContain("another");
    assertThat(run("import", of(inMemory), "--token-file", token, "--from", file)).isZero();
    run("rm", of(inMemory), "--all");
  }

  @Test
  void aRedisThatIsAwayIsOneLine() {
    assertThat(run("ls", new String[] {"--redis=redis://127.0.0.1:1"})).isEqualTo(1);
    assertThat(err.toString()).startsWith("refrain: Redis cannot be used: ").hasLineCount(1);
  }

  @Test
  void aRequestToAnyEndpointHitsWhatWasImportedAndNoFileHoldsItsKey() throws IOException {
    Map<String, String> requests =
        Map.of(
            "/v1/completions",
            Examples.asking("moved"),
            Chats.PATH,
            "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"temperature\":0}",
            "/v1/embeddings",
            "{\"model\":\"m\",\"input\":\"a\"}");
    requests.forEach((path, body) -> ask(inMemory, path, body));
    Path ofMemory = folder.resolve("memory.jsonl");
    Path ofRedis = folder.resolve("redis.jsonl");
    Path ofDisk = folder.resolve("disk.jsonl");
    run("export", of(inMemory), "--to", ofMemory);
    run("import", words(Place.REDIS), "--from", ofMemory);
    run("export", words(Place.REDIS), "--to", ofRedis);
    run("import", of(onDisk), "--from", ofRedis);
    run("export", new String[] {"--path", shared.resolve("tier").toString()}, "--to", ofDisk);

    run("rm", of(inMemory), "--all");
    run("import", of(inMemory), "--from", ofDisk);
    requests.forEach(
        (path, body) -> assertThat(ask(inMemory, path, body)).as(path).endsWith("detail=memory"));
    assertThat(upstream.calls()).isEqualTo(requests.size());
    for (Path each : List.of(ofMemory, ofRedis, ofDisk)) {
      assertThat(Files.readString(each))
          .hasLineCount(1 + requests.size())
          .contains("\"chat\"", "\"completions\"", "\"embeddings\"")
          .doesNotContain(KEY)
          .doesNotContain(TOKEN);
    }
    for (Place each : List.of(Place.IN_MEMORY, Place.ON_DISK, Place.REDIS)) {
      run("rm", words(each), "--all");
    }
  }

  /** How a request of the caller was answered. */
  private static String ask(Proxy instance, String path, String body) {
    return instance
        .postTo(path, body, "Authorization", "Bearer " + KEY)
        .headers()
        .firstValue("Cache-Status")
        .orElse("");
  }

  private static Script answer(Received request) {
    if (request.json().has("input")) {
      return Vectors.answer(request);
    }
    return request.json().has("messages") ? Chats.answer(request) : Examples.answer(request);
  }
}
