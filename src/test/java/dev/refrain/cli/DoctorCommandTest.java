package dev.refrain.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.testing.Authority;
import dev.refrain.testing.Json;
import dev.refrain.testing.RedisFixture;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import dev.refrain.testing.TlsUpstream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code doctor} before real servers in trouble. */
@Timeout(60)
class DoctorCommandTest {
  private static final String ROOMY = "maxmemory 100mb";
  private static final String EVICTING = "maxmemory-policy allkeys-lru";

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final ScriptedUpstream upstream =
      ScriptedUpstream.playing(Script.json("{\"object\":\"list\",\"data\":[{\"id\":\"m\"}]}"));

  @TempDir private Path folder;

  @AfterEach
  void stop() throws IOException {
    upstream.close();
  }

  @Test
  void whereAllIsWellEveryLineSaysSo() throws IOException {
    try (RedisFixture redis = RedisFixture.with("", ROOMY, EVICTING)) {
      assertThat(examine(upstream("") + redis(redis.url()))).isZero();
      String server = "ok    redis 127.0.0.1:" + redis.port() + ": ";
      assertThat(lines().get(0))
          .matches("ok    upstream default: answers GET /v1/models in \\d+ ms, with 1 models");
      assertThat(lines().get(1)).matches(server + "answers in \\d+\\.\\d ms");
      assertThat(lines().get(2)).startsWith(server + "is Redis 6.2.");
      assertThat(lines().subList(3, 9))
          .containsExactly(
              server + "evicts entries when it is full (allkeys-lru)",
              server + "its clock agrees with the local clock",
              server + "can be written to",
              "ok    server.port: any free port",
              "ok    management.port: any free port",
              "ok    exposure: no port lends a key or shows more than it should");
      assertThat(lines().get(9)).startsWith("ok    open files: ");
      assertThat(lines().get(10)).startsWith("ok    heap: cache.memory.size is 1 MiB of ");
      assertThat(lines().get(11)).startsWith("ok    memory: the configuration allows ");
      assertThat(upstream.last().head().all("Accept-Encoding")).containsExactly("identity");
      assertThat(lines().get(12)).isEqualTo("12 ok, 0 warn, 0 fail");
      assertThat(redis.keys()).isLessThanOrEqualTo(1);
    }
  }

  @Test
  void aRequestIsShownWithTheRuleThatItMeets() throws IOException {
    Path request = folder.resolve("request.json");
    Files.writeString(request, "{\"model\":\"gpt-5\",\"messages\":[{}],\"temperature\":1}");
    String rules = "cache: {rules: [{name: frontier, when: {model: ['gpt-5*']}, cache: on}]}\n";
    assertThat(examine(upstream("") + rules, "--request", request.toString())).isZero();
    assertThat(lines().get(0))
        .isEqualTo(
            "ok    request " + request + ": /v1/chat/completions: rule frontier, shared (rule)");

    assertThat(examine(upstream(""), "--request", request.toString(), "--header", "A: b")).isZero();
    assertThat(lines().get(0)).endsWith(": no rule applies, not shared (sampled)");

    Files.writeString(request, "[");
    assertThat(examine(upstream(""), "--request", request.toString())).isEqualTo(1);
    assertThat(lines().get(0)).startsWith("fail  request ");
  }

  @Test
  void anUpstreamThatRefusesOurKeyFailsAndOneThatWantsTheCallersIsWell() throws IOException {
    upstream.play(Script.answer(401, "{}"));
    assertThat(examine(upstream(", apiKey: wrong"))).isEqualTo(1);
    assertThat(lines().get(0))
        .isEqualTo("fail  upstream default: refuses our key (401); check upstreams[0].apiKey");
    assertThat(upstream.last().head().first("Authorization")).hasValue("Bearer wrong");

    assertThat(examine(upstream(""))).isZero();
    assertThat(lines().get(0))
        .isEqualTo("ok    upstream default: asks for a key (401), which callers bring themselves");
  }

  @Test
  void whereThereAreKeysAnUpstreamThatGetsNoneIsNamed() throws IOException {
    String keys =
        "keys: [{name: a, secret: secret-of-shop-one, tenant: t}, {name: b, tenant: t,"
            + " secret: secret-of-shop-two}]\n";
    assertThat(examine(upstream(", apiKey: right") + keys)).isZero();
    assertThat(lines().get(1))
        .isEqualTo("ok    keys: 2; tenants: 1; requests without one of these keys are rejected");
    assertThat(lines()).noneMatch(line -> line.startsWith("warn  keys"));

    assertThat(examine(upstream("") + keys)).isZero();
    assertThat(lines().get(2))
        .isEqualTo(
            "warn  keys: callers' keys are not sent on, and upstreams[0].apiKey is empty: it is"
                + " asked without any; set it, unless upstreams[0] asks for none");
    upstream.play(Script.answer(401, "{}"));
    assertThat(examine(upstream("") + keys)).isEqualTo(1);
    assertThat(lines().get(0))
        .isEqualTo(
            "fail  upstream default: asks for a key (401), and those of keys are not sent on; set"
                + " upstreams[0].apiKey");
  }

  @Test
  void aBudgetThatCannotBeKeptAndAModelItForbidsAreNamed() throws IOException {
    String settings =
        "keys: [{name: a, secret: secret-of-shop-one, models: [m*], budget: {day: 1}}]\n"
            + "metrics: {prices: [{model: m1, prompt: 1, completion: 1}]}\n";
    String models = ", apiKey: right, models: [m1, m2, other, \"m*\"]";
    assertThat(examine(upstream(models) + settings)).isZero();
    assertThat(lines())
        .contains(
            "warn  keys: keys with a budget (a) cannot use models without a price in"
                + " metrics.prices: m2",
            "warn  keys: keys have budgets, and there is neither cache.redis nor cache.disk: a"
                + " restart begins at 0, and each replica counts its own");
  }

  @Test
  void aKeyWhoseVariableIsNotSetIsAWrongConfiguration() throws IOException {
    String keys = "keys: [{name: a, secret: {env: REFRAIN_TEST_OF_NO_KEY}}]\n";
    assertThat(examine(upstream("") + keys)).isEqualTo(2);
    assertThat(err.toString())
        .contains("keys[0].secret.env: REFRAIN_TEST_OF_NO_KEY (expected: a variable that is set");
  }

  @Test
  void anUpstreamThatIsNotThereIsToldFromOneThatNobodyKnows() throws IOException {
    int port = freePort();
    assertThat(examine("upstreams: [{url: 'http://127.0.0.1:" + port + "'}]\n")).isEqualTo(1);
    assertThat(lines().get(0))
        .isEqualTo(
            "fail  upstream default: connection refused by 127.0.0.1:"
                + port
                + "; check upstreams[0].url, and whether a firewall is in between");

    assertThat(examine("upstreams: [{url: 'http://nobody.invalid'}]\n")).isEqualTo(1);
    assertThat(lines().get(0))
        .isEqualTo(
            "fail  upstream default: cannot resolve nobody.invalid; check"
                + " upstreams[0].url, and the DNS configuration of this machine");
  }

  @Test
  void anUpstreamThatIsSilentIsNotWaitedForWithoutEnd() throws IOException {
    upstream.play(Script.silence());
    assertThat(examine(upstream(""))).isEqualTo(1);
    assertThat(lines().get(0))
        .isEqualTo(
            "fail  upstream default: accepts connections, but did not answer GET /v1/models within"
                + " 5 s; check its load");
  }

  @Test
  void interimResponsesAreNotTakenForTheAnswer() throws IOException {
    upstream.play(
        Script.silence()
            .raw("HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 104 Upload Resumption\r\n\r\n")
            .then(Script.json("{\"object\":\"list\",\"data\":[{\"id\":\"m\"}]}")));
    assertThat(examine(upstream(""))).isZero();
    assertThat(lines().get(0)).startsWith("ok ").endsWith("with 1 models");
  }

  @Test
  void anUpstreamWithoutModelsOrWithAnErrorIsTold() throws IOException {
    upstream.play(Script.answer(404, "{}"));
    assertThat(examine(upstream(""))).isZero();
    assertThat(lines().get(0))
        .isEqualTo(
            "warn  upstream default: answers GET /v1/models with 404; check upstreams[0].url, if it"
                + " should know its models");
    upstream.play(Script.answer(200, "<html>"));
    assertThat(examine(upstream(""))).isZero();
    assertThat(lines().get(0))
        .isEqualTo(
            "warn  upstream default: answers GET /v1/models, but not with a list of models; check"
                + " upstreams[0].url, if it should");
    upstream.play(Script.answer(503, "{}"));
    assertThat(examine(upstream(""))).isEqualTo(1);
    assertThat(lines().get(0))
        .isEqualTo("fail  upstream default: answers GET /v1/models with 503; see its own log");
  }

  @Test
  void aCertificateIsReadAndItsFaultsAreNamed() throws IOException {
    Authority authority = new Authority(folder);
    try (TlsUpstream tls = TlsUpstream.of(authority.identity("localhost"))) {
      String yaml =
          "upstreams: [{url: 'https://localhost:%d', tls: {ca: '%s'}}]%n"
              .formatted(tls.port(), authority.ca());
      assertThat(examine(yaml)).isZero();
      assertThat(lines().get(0))
          .startsWith("warn  upstream default: its certificate expires soon, at 2");
      assertThat(lines().get(1)).startsWith("warn  upstream default: answers GET /v1/models, ");

      tls.become(authority.identity("elsewhere"));
      assertThat(examine(yaml)).isEqualTo(1);
      assertThat(lines().get(1))
          .isEqualTo(
              "fail  upstream default: the certificate of the upstream is for another host name;"
                  + " check upstreams[0].url and upstreams[0].tls");

      tls.become(authority.expired("localhost"));
      assertThat(examine(yaml)).isEqualTo(1);
      assertThat(lines().get(0)).startsWith("fail  upstream default: its certificate expired at 2");
    }
  }

  @Test
  void aRedisThatIsNotEnteredIsToldByWhatIsWrong() throws IOException {
    try (RedisFixture redis = RedisFixture.with("secret", ROOMY, EVICTING)) {
      String where = "127.0.0.1:" + redis.port();
      assertThat(examine(upstream("") + redis("redis://:wrong@" + where))).isEqualTo(1);
      assertThat(lines().get(1))
          .isEqualTo(
              "fail  redis "
                  + where
                  + ": rejects the password; check cache.redis.username and cache.redis.password,"
                  + " or the url that holds them");
      assertThat(examine(upstream("") + redis("redis://" + where))).isEqualTo(1);
      assertThat(lines().get(1))
          .isEqualTo(
              "fail  redis "
                  + where
                  + ": requires a password; set cache.redis.password, or put it into the url");
      assertThat(examine(upstream("") + redis("redis://:secret@" + where))).isZero();
      assertThat(out.toString()).doesNotContain("secret", "wrong");
    }
  }

  @Test
  void aRedisThatIsStoppedIsToldFromOneThatHangs() throws IOException {
    try (RedisFixture redis = new RedisFixture()) {
      String where = "127.0.0.1:" + redis.port();
      redis.freeze();
      assertThat(examine(upstream("") + redis(redis.url()))).isEqualTo(1);
      assertThat(lines().get(1))
          .isEqualTo(
              "fail  redis "
                  + where
                  + ": accepts connections but does not reply; it hangs, or runs a slow command");
      redis.kill();
      assertThat(examine(upstream("") + redis(redis.url()))).isEqualTo(1);
      assertThat(lines().get(1))
          .isEqualTo(
              "fail  redis "
                  + where
                  + ": connection refused; check its address, and whether it is running");
    }
  }

  @Test
  void aRedisThatKeepsNothingIsToldByItsReason() throws IOException {
    try (RedisFixture redis = RedisFixture.with("", "replicaof 127.0.0.1 1")) {
      assertThat(examine(upstream("") + redis(redis.url()))).isEqualTo(1);
      String subject = "redis 127.0.0.1:" + redis.port();
      assertThat(lines())
          .contains(
              "warn  "
                  + subject
                  + ": has no memory limit, and grows with the entries stored for cache.ttl; set"
                  + " its maxmemory, and maxmemory-policy allkeys-lru",
              "fail  "
                  + subject
                  + ": refuses (READONLY); this server is a replica: name the master, or set"
                  + " cache.redis.mode to sentinel");
    }
    try (RedisFixture redis = RedisFixture.with("", ROOMY, "maxmemory-policy noeviction")) {
      assertThat(examine(upstream("") + redis(redis.url()))).isZero();
      assertThat(out.toString()).contains("rejects writes once it is full (noeviction)");
    }
  }

  @Test
  void whatIsOpenToOthersIsWarnedOf() throws IOException {
    assertThat(
            run(
                "server: {port: 0}\nmanagement: {host: 0.0.0.0, port: 0}\n"
                    + upstream(", apiKey: operators")))
        .isZero();
    assertThat(lines())
        .anyMatch(line -> line.startsWith("warn  exposure: anyone who reaches server.host"))
        .anyMatch(line -> line.startsWith("warn  exposure: management.host 0.0.0.0 is open"));
  }

  @Test
  void aPortInUseAndACacheTooLargeAreTold() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String yaml =
          """
          server: {host: 127.0.0.1, port: %d}
          management: {host: 127.0.0.1, port: 0}
          cache: {memory: {size: 512GiB}}
          """
              .formatted(taken.getLocalPort());
      assertThat(run(yaml + upstream(""))).isEqualTo(1);
      assertThat(lines())
          .contains(
              "warn  server.port: %d is in use on 127.0.0.1; ignore this if this proxy is running"
                  .formatted(taken.getLocalPort()));
      assertThat(lines().get(5)).startsWith("fail  heap: cache.memory.size is 524288 MiB of ");
    }
  }

  @Test
  void aWrongConfigurationIsOneLineAndStatusTwo() throws IOException {
    assertThat(run("upstreams: 7")).isEqualTo(2);
    assertThat(err.toString()).hasLineCount(1).contains("upstreams: 7 (expected: a list)");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void machinesGetADocument() throws IOException {
    assertThat(examine(upstream(""), "--json")).isZero();
    var report = Json.read(out.toString());
    assertThat(report.get("fail").asInt()).isZero();
    assertThat(report.get("ok").asInt()).isEqualTo(report.get("checks").size());
    assertThat(report.at("/checks/0/subject").asText()).isEqualTo("upstream default");
    assertThat(report.at("/checks/0/verdict").asText()).isEqualTo("ok");
  }

  @Test
  void machinesGetADocumentAboutAWrongConfigurationToo() throws IOException {
    assertThat(run("upstreams: 7", "--json")).isEqualTo(2);
    var report = Json.read(out.toString());
    assertThat(report.get("fail").asInt()).isEqualTo(1);
    assertThat(report.at("/checks/0/subject").asText()).isEqualTo("configuration");
    assertThat(report.at("/checks/0/says").asText()).contains("upstreams: 7 (expected: a list)");
    assertThat(err.toString()).hasLineCount(1);
  }

  private String upstream(String more) {
    return "upstreams: [{url: '" + upstream.url() + "'" + more + "}]\n";
  }

  private static String redis(String url) {
    return "cache: {memory: {size: 1MiB}, redis: {url: '" + url + "'}}\n";
  }

  private int examine(String yaml, String... more) throws IOException {
    String doors = "server: {port: 0, connections: 16}\nmanagement: {port: 0}\n";
    return run(doors + yaml, more);
  }

  private int run(String yaml, String... more) throws IOException {
    out.getBuffer().setLength(0);
    Path file = Files.writeString(folder.resolve("doctor.yaml"), yaml);
    String[] args = new String[3 + more.length];
    args[0] = "doctor";
    args[1] = "--config";
    args[2] = file.toString();
    System.arraycopy(more, 0, args, 3, more.length);
    return Main.commandLine(Map.of())
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(args);
  }

  private List<String> lines() {
    return out.toString().lines().toList();
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }
}
