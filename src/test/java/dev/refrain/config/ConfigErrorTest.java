package dev.refrain.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ConfigErrorTest {
  private static final String UPSTREAM = "upstreams: [{url: 'http://h'}]\n";
  private static final String URL =
      "an http or https URL with a host, without user, query and fragment";
  private static final String DURATION = "a duration such as 25ms, 10s, 5m or 24h";
  private static final String SIZE = "a size such as 512KiB, 32MiB or plain bytes";
  private static final String HEADER =
      " (expected: a header name, none of connection, content-length, content-type, host,"
          + " transfer-encoding)";
  private static final String PROXY =
      " (expected: an http:// or socks5:// URL with host and port, or empty)";
  private static final String TEXT = "text, in quotes if it looks like a number";
  private static final String LEVEL = "one of trace, debug, info, warn, error, off";

  @ParameterizedTest(name = "{0}")
  @MethodSource({
    "unknownKeys",
    "wrongTypes",
    "outOfRange",
    "wrongRedis",
    "wrongUpstreams",
    "wrongDrain",
    "wrongRules",
    "notYaml"
  })
  void aWrongFileIsRefusedWithOneLineThatNamesKeyValueAndExpectation(String yaml, String line) {
    assertThatExceptionOfType(ConfigError.class)
        .isThrownBy(() -> ConfigLoader.parse(yaml))
        .satisfies(error -> assertThat(error).hasNoCause())
        .satisfies(error -> assertThat(withoutLine(error.getMessage())).isEqualTo("text" + line))
        .satisfies(error -> assertThat(error.getStackTrace()).isEmpty());
  }

  static Stream<Arguments> wrongDrain() {
    String expected = " (expected: a duration from 0s to 24h)";
    return Stream.of(
        with(
            "server: {drain: {delay: -1s}}",
            "server.drain.delay: -1s (expected: " + DURATION + ")"),
        with("server: {drain: {delay: 25h}}", "server.drain.delay: 25h" + expected),
        with("server: {drain: {timeout: 2d}}", "server.drain.timeout: 2d" + expected),
        with("management: {reload: 2d}", "management.reload: 2d" + expected));
  }

  static Stream<Arguments> wrongRules() {
    String name =
        " (expected: a letter and up to 63 letters, digits, '.', '_' or '-'; not default)";
    String temperature =
        " (expected: absent, present or {atMost: a number from 0 to 1000}; in the rule b)";
    return Stream.of(
        rules("{name: 1b, cache: on}", "[1].name: 1b" + name.replace(")", "; in the rule 1b)")),
        rules("{name: default}", "[1].name: default" + name.replace(")", "; in the rule default)")),
        rules("{cache: on}", "[1].name: nothing" + name),
        rules("{name: a}", "[1].name: a (expected: a name of its own; in the rule a)"),
        rules("b", "[1]: b (expected: a section of keys)"),
        rules(
            "{name: b, cache: maybe}",
            "[1].cache: maybe (expected: one of on, off; in the rule b)"),
        rules(
            "{name: b, cache: true}", "[1].cache: true (expected: one of on, off; in the rule b)"),
        rules(
            "{name: b, chache: on}",
            "[1].chache: unknown key (expected: one of name, when, cache, ttl, namespace,"
                + " samples; did you mean cache?; in the rule b)"),
        rules(
            "{name: b, ttl: 0s}",
            "[1].ttl: 0s (expected: a duration from 1ms to 365d; in the rule b)"),
        rules("{name: b, ttl: 5}", "[1].ttl: 5 (expected: " + DURATION + "; in the rule b)"),
        rules(
            "{name: b, namespace: 'a b'}",
            "[1].namespace: a b (expected: 1 to 64 letters, digits, '.', '_' or '-'; in the rule"
                + " b)"),
        rules(
            "{name: b, when: {modle: [x]}}",
            "[1].when.modle: unknown key (expected: one of endpoint, model, temperature, seed,"
                + " header, tenant; did you mean model?; in the rule b)"),
        rules(
            "{name: b, samples: 0}",
            "[1].samples: 0 (expected: a whole number from 1 to 1024; in the rule b)"),
        rules(
            "{name: b, samples: 4, cache: off}",
            "[1].samples: 4 (expected: none beside cache: off, which stores nothing; in the rule"
                + " b)"),
        rules("{name: b, when: {model: x}}", "[1].when.model: x (expected: a list; in the rule b)"),
        rules(
            "{name: b, when: {model: ['']}}",
            "[1].when.model[0]: empty (expected: text that is not empty; in the rule b)"),
        rules("{name: b, when: {temperature: 0}}", "[1].when.temperature: 0" + temperature),
        rules("{name: b, when: {temperature: zero}}", "[1].when.temperature: zero" + temperature),
        rules(
            "{name: b, when: {temperature: {atMost: -1}}}",
            "[1].when.temperature: a section" + temperature),
        rules(
            "{name: b, when: {temperature: {atmost: 1}}}",
            "[1].when.temperature: a section" + temperature),
        rules(
            "{name: b, when: {seed: 4}}",
            "[1].when.seed: 4 (expected: one of present, absent; in the rule b)"),
        rules(
            "{name: b, when: {header: {'a b': x}}}",
            "[1].when.header.a b: x (expected: the name of a header field; in the rule b)"),
        rules(
            "{name: b, when: {header: [x]}}",
            "[1].when.header: a list (expected: a section of keys; in the rule b)"));
  }

  private static Arguments rules(String second, String line) {
    return with("cache: {rules: [{name: a, cache: off}, " + second + "]}", "cache.rules" + line);
  }

  static Stream<Arguments> unknownKeys() {
    String keys = "unknown key (expected: one of ";
    return Stream.of(
        file(
            "upstream: []",
            "upstream: "
                + keys
                + "server, management, upstreams, retry, cache, fanout, limits, keys, metrics,"
                + " tracing, logging; did you mean upstreams?)"),
        with(
            "management: {ports: 1}",
            "management.ports: "
                + keys
                + "host, port, token, connections, requestTimeout, reload; did you mean port?)"),
        with(
            "management: {prot: 1}",
            "management.prot: "
                + keys
                + "host, port, token, connections, requestTimeout, reload; did you mean port?)"),
        with(
            "management: {colour: 1}",
            "management.colour: "
                + keys
                + "host, port, token, connections, requestTimeout, reload)"),
        with(
            "cache: {redis: {breaker: {Pause: 1s}}}",
            "cache.redis.breaker.Pause: " + keys + "failures, pause; did you mean pause?)"),
        file(
            "upstreams: [{url: 'http://h', tls: {server_name: sk-secret}}]",
            "upstreams[0].tls.server_name: "
                + keys
                + "ca, cert, key, serverName, verify; did you mean serverName?)"),
        file(
            "upstreams: [{url: 'http://h', api_key: sk-secret}]",
            "upstreams[0].api_key: "
                + keys
                + names(UpstreamConfig.class)
                + "; did you mean apiKey?)"),
        with(
            "metrics: {prices: [{models: m, prompt: 1, completion: 1}]}",
            "metrics.prices[0].models: "
                + keys
                + "model, prompt, completion; did you mean model?)"),
        with(
            "retry: {times: 1}",
            "retry.times: "
                + keys
                + "maxRetries, on, initialBackoff, maxBackoff, maxRetryAfter, budget)"));
  }

  /** A secret of each kind, written in places where something else is expected. */
  static Stream<Arguments> misplacedSecrets() {
    return Stream.of("sk-topsecret", "sk-proj-aB3dE5", "f00dcafef00dcafef00d", "Bearer abcdefgh")
        .flatMap(
            secret ->
                Stream.of(
                        "%s: 1",
                        "%s: {a: b}",
                        "%s",
                        "'%s'",
                        "[%s]",
                        "server: {%s: 1}",
                        "server: %s",
                        "management: %s",
                        "upstreams: %s",
                        "upstreams: [%s]",
                        "upstreams: [{url: 'http://h', %s: 1}]",
                        "upstreams: [{url: 'http://h', models: %s}]",
                        "upstreams: [{url: 'http://h', weight: %s}]",
                        "upstreams: [{url: %s}]",
                        "upstreams: [{name: 'a %s', url: 'http://h'}]",
                        "cache: {ttl: %s}",
                        "cache: {enabled: %s}",
                        "cache: {maxEntry: %s}",
                        "logging: {level: %s}",
                        "'%1$s': 1\n'%1$s': 2",
                        "keys: [{name: a, secret: {env: %s}}]",
                        "keys: [{name: a, secret: {file: %s}}]",
                        "keys: {%s: a}",
                        "keys: [{%s: a}]",
                        "a: *%s",
                        "a: '%s",
                        "management: {port: %s}")
                    .map(yaml -> Arguments.of(yaml.formatted(secret), secret)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("misplacedSecrets")
  void aSecretInAWrongPlaceIsNotQuoted(String yaml, String secret) {
    assertThatExceptionOfType(ConfigError.class)
        .isThrownBy(() -> ConfigLoader.parse(yaml))
        .satisfies(error -> assertThat(error.getMessage()).doesNotContain(secret));
  }

  private static String names(Class<? extends Record> section) {
    return Arrays.stream(section.getRecordComponents())
        .map(RecordComponent::getName)
        .collect(Collectors.joining(", "));
  }

  static Stream<Arguments> wrongTypes() {
    return Stream.of(
        with("server: x", "server: x (expected: a section of keys)"),
        with("server: []", "server: an empty list (expected: a section of keys)"),
        with("server: {port: '80'}", "server.port: 80 (expected: a whole number)"),
        with("server: {port: ''}", "server.port: empty (expected: a whole number)"),
        with("server: {port: 80.0}", "server.port: 80.0 (expected: a whole number)"),
        with("server: {port: null}", "server.port: nothing (expected: a whole number)"),
        with("server: {port: [1]}", "server.port: a list (expected: a whole number)"),
        with("server: {port: {}}", "server.port: a section (expected: a whole number)"),
        with("server: {port: 99999999999}", "server.port: 99999999999 (expected: a whole number)"),
        with("server: {host: 1}", "server.host: 1 (expected: " + TEXT + ")"),
        with("server: {host: true}", "server.host: true (expected: " + TEXT + ")"),
        with("cache: {enabled: yes}", "cache.enabled: yes (expected: true or false)"),
        with("cache: {enabled: 1}", "cache.enabled: 1 (expected: true or false)"),
        with("cache: {ttl: 5}", "cache.ttl: 5 (expected: " + DURATION + ")"),
        with("cache: {ttl: 5 weeks}", "cache.ttl: 5 weeks (expected: " + DURATION + ")"),
        with("cache: {maxEntry: 64XB}", "cache.maxEntry: 64XB (expected: " + SIZE + ")"),
        with("cache: {maxEntry: 1.5}", "cache.maxEntry: 1.5 (expected: " + SIZE + ")"),
        with("cache: {memory: {size: -1}}", "cache.memory.size: -1 (expected: " + SIZE + ")"),
        with("limits: {temperature: hot}", "limits.temperature: hot (expected: a number)"),
        with("retry: {on: 500}", "retry.on: 500 (expected: a list)"),
        with("retry: {on: [x]}", "retry.on[0]: x (expected: a whole number)"),
        with("metrics: {prices: 1}", "metrics.prices: 1 (expected: a list)"),
        with(
            "metrics: {prices: [{model: m, prompt: 1}]}",
            "metrics.prices[0].completion: nothing (expected: a number)"),
        with(
            "metrics: {prices: [{model: m, prompt: x, completion: 1}]}",
            "metrics.prices[0].prompt: x (expected: a number)"),
        with("logging: {level: loud}", "logging.level: loud (expected: " + LEVEL + ")"),
        with("logging: {level: 2}", "logging.level: 2 (expected: " + LEVEL + ")"));
  }

  static Stream<Arguments> outOfRange() {
    return Stream.of(
        with(
            "server: {port: 65536}",
            "server.port: 65536 (expected: a whole number from 0 to 65535)"),
        with("server: {port: -1}", "server.port: -1 (expected: a whole number from 0 to 65535)"),
        with("server: {host: ' '}", "server.host:   (expected: text that is not empty)"),
        with("tracing: {ratio: 1.5}", "tracing.ratio: 1.5 (expected: a number from 0 to 1)"),
        with(
            "tracing: {endpoint: 'collector:4318'}",
            "tracing.endpoint: collector:4318 (expected: an http or https URL without user, query"
                + " and fragment, or empty)"),
        with(
            "metrics: {models: 10001}",
            "metrics.models: 10001 (expected: a whole number from 0 to 10000)"),
        with(
            "metrics: {currency: usd}",
            "metrics.currency: usd (expected: three capital letters, as in ISO 4217)"),
        with(
            "metrics: {prices: [{model: m, prompt: -1, completion: 1}]}",
            "metrics.prices[0].prompt: -1 (expected: a number from 0 to 1000000000)"),
        with(
            "metrics: {prices: [{prompt: 1, completion: 1}]}",
            "metrics.prices[0].model: nothing (expected: text that is not empty)"),
        with(
            "server: {eventLoops: 1025}",
            "server.eventLoops: 1025 (expected: a whole number from 0 to 1024)"),
        with(
            "server: {connections: 0}",
            "server.connections: 0 (expected: a whole number from 1 to 1048576)"),
        with(
            "server: {headerSize: 2MiB}",
            "server.headerSize: 2MiB (expected: a size from 1 byte to 1MiB)"),
        with(
            "server: {headerTimeout: 0s}",
            "server.headerTimeout: 0s (expected: a duration from 1ms to 24h)"),
        with(
            "server: {headers: {deny: [X-A, Content-Length]}}",
            "server.headers.deny[1]: Content-Length" + HEADER),
        with("server: {headers: {hide: ['a b']}}", "server.headers.hide[0]: a b" + HEADER),
        with(
            "server: {tls: {cert: a.pem}}",
            "server.tls.key: empty (expected: a PEM file, for there is a cert)"),
        with(
            "server: {tls: {key: a.pem}}",
            "server.tls.cert: empty (expected: a PEM file, for there is a key)"),
        with(
            "server: {tls: {clientCa: a.pem}}",
            "server.tls.clientCa: a.pem (expected: empty while there is no cert)"),
        with(
            "management: {token: a b}",
            "management.token: *** (expected: printable ASCII without spaces)"),
        with(
            "management: {port: 8080}",
            "management.port: 8080 (expected: another port than server.port)"),
        with("cache: {ttl: 0s}", "cache.ttl: 0s (expected: a duration from 1ms to 365d)"),
        with("cache: {ttl: 366d}", "cache.ttl: 366d (expected: a duration from 1ms to 365d)"),
        with("cache: {ttl: null}", "cache.ttl: nothing (expected: a duration from 1ms to 365d)"),
        with("cache: {maxEntry: 0}", "cache.maxEntry: 0 (expected: a size from 1 byte to 1GiB)"),
        with(
            "limits: {answer: 2GiB}", "limits.answer: 2GiB (expected: a size from 1 byte to 1GiB)"),
        with(
            "retry: {maxRetries: -1}",
            "retry.maxRetries: -1 (expected: a whole number from 0 to 100)"),
        with("retry: {on: [429, 200]}", "retry.on[1]: 200 (expected: a status from 400 to 599)"),
        with(
            "retry: {initialBackoff: 11m}",
            "retry.initialBackoff: 11m (expected: a duration from 0s to 10m)"),
        with(
            "retry: {budget: {share: 2}}",
            "retry.budget.share: 2 (expected: a number from 0 to 1)"),
        with("limits: {stop: 0}", "limits.stop: 0 (expected: a whole number from 1 to 65536)"),
        with("limits: {n: 0}", "limits.n: 0 (expected: a whole number from 1 to 65536)"),
        with(
            "cache: {redis: {ttlJitter: 1.1}}",
            "cache.redis.ttlJitter: 1.1 (expected: a number from 0 to 1)"),
        with(
            "cache: {redis: {prefix: 'a b'}}",
            "cache.redis.prefix: a b (expected: 1 to 64 letters, digits, '.', '_', ':' or '-')"),
        with(
            "cache: {redis: {breaker: {failures: 0}}}",
            "cache.redis.breaker.failures: 0 (expected: a whole number from 1 to 1000000)"),
        with(
            "cache: {redis: {url: 'http://:secret@h?password=secret'}}",
            "cache.redis.url: http:***@h?*** (expected: a redis:// or rediss:// URL, or empty)"),
        with(
            "cache: {redis: {url: 'redis://h:99999'}}",
            "cache.redis.url: redis://h:99999 (expected: a redis:// or rediss:// URL, or empty)"),
        with(
            "cache: {redis: {url: 'rediss://a_b'}}",
            "cache.redis.url: rediss://a_b (expected: with rediss://, a host name without '_')"));
  }

  static Stream<Arguments> wrongRedis() {
    String node =
        "(expected: redis:// or rediss:// with a host and a port alone; username and password have"
            + " keys of their own)";
    return Stream.of(
        redis("mode: both", "mode: both (expected: one of standalone, sentinel, cluster)"),
        redis(
            "mode: cluster",
            "nodes: an empty list (expected: at least one redis:// or rediss:// URL)"),
        redis("mode: cluster, nodes: ['h:1']", "nodes[0]: h:1 " + node),
        redis("mode: cluster, nodes: ['redis://:secret@h']", "nodes[0]: redis:***@h " + node),
        redis("mode: cluster, nodes: ['redis://h/1']", "nodes[0]: redis://h/1 " + node),
        redis(
            "mode: cluster, nodes: ['redis://h', 'rediss://h']",
            "nodes[1]: rediss://h (expected: the same scheme as the first)"),
        redis(
            "mode: cluster, nodes: ['redis://h'], url: 'redis://h'",
            "url: redis://h (expected: empty: mode cluster takes nodes)"),
        redis(
            "mode: cluster, nodes: ['redis://h'], sentinel: {master: m}",
            "sentinel: a section (expected: nothing in it, or mode sentinel)"),
        redis(
            "mode: cluster, nodes: ['redis://h'], username: u",
            "password: *** (expected: one for username)"),
        redis(
            "mode: sentinel, nodes: ['redis://h']",
            "sentinel.master: empty (expected: text that is not empty)"),
        redis("nodes: ['redis://h']", "nodes: a list (expected: none: mode standalone takes url)"),
        redis(
            "password: secret",
            "password: *** (expected: empty: mode standalone takes it from url)"));
  }

  private static Arguments redis(String keys, String problem) {
    return with("cache: {redis: {" + keys + "}}", "cache.redis." + problem);
  }

  static Stream<Arguments> wrongUpstreams() {
    String none =
        "upstreams: an empty list (expected: at least one upstream with a url, in the file or in"
            + " REFRAIN_UPSTREAM_URL)";
    return Stream.of(
        file("", none),
        file("upstreams:", none),
        file("upstreams: []", none),
        file("upstreams: x", "upstreams: x (expected: a list)"),
        file("upstreams: [x]", "upstreams[0]: x (expected: a section of keys)"),
        file("upstreams: [null]", "upstreams[0]: nothing (expected: a section of keys)"),
        file("upstreams: [{}]", "upstreams[0].url: nothing (expected: " + URL + ")"),
        upstream("url: ''", "url: empty (expected: " + URL + ")"),
        upstream("url: 'localhost:80'", "url: localhost:80 (expected: " + URL + ")"),
        upstream("url: 'http://'", "url: http:// (expected: " + URL + ")"),
        upstream("url: 'http://a b'", "url: http://a b (expected: " + URL + ")"),
        upstream("url: 'ftp://h'", "url: ftp://h (expected: " + URL + ")"),
        upstream("url: 'http://h:70000'", "url: http://h:70000 (expected: " + URL + ")"),
        upstream("url: 'http://me:secret@h'", "url: http:***@h (expected: " + URL + ")"),
        upstream("url: 'http://h?a=secret'", "url: http://h?*** (expected: " + URL + ")"),
        upstream("url: 'http://a_b:99999'", "url: http://a_b:99999 (expected: " + URL + ")"),
        upstream(
            "url: 'http://a_b:1/v1/completions'",
            "url: http://a_b:1/v1/completions (expected: the base, to which endpoints are added:"
                + " http://a_b:1/v1)"),
        upstream(
            "url: 'https://h/api/v1/chat/completions/'",
            "url: https://h/api/v1/chat/completions/ (expected: the base, to which endpoints are"
                + " added: https://h/api/v1)"),
        upstream(
            "url: 'http://h/v1/embeddings'",
            "url: http://h/v1/embeddings (expected: the base, to which endpoints are added:"
                + " http://h/v1)"),
        upstream(
            "url: 'http://h/completions'",
            "url: http://h/completions (expected: the base, to which endpoints are added:"
                + " http://h)"),
        upstream("url: 'http://h', models: x", "models: x (expected: a list)"),
        upstream("url: 'http://h', models: [1]", "models[0]: 1 (expected: " + TEXT + ")"),
        upstream(
            "url: 'http://h', models: ['']", "models[0]: empty (expected: text that is not empty)"),
        upstream(
            "url: 'https://h', tls: {verify: some}",
            "tls.verify: some (expected: one of full, chain, none)"),
        upstream(
            "url: 'https://h', tls: {cert: a.pem}",
            "tls.key: empty (expected: a PEM file, for there is a cert)"),
        upstream(
            "url: 'https://h', tls: {serverName: 'a b'}",
            "tls.serverName: a b (expected: a host name, or empty)"),
        upstream("url: 'https://h', proxy: 'http://h'", "proxy: http://h" + PROXY),
        upstream("url: 'https://h', proxy: 'ftp://h:1'", "proxy: ftp://h:1" + PROXY),
        upstream("url: 'https://h', proxy: 'http://me:secret@h'", "proxy: http:***@h" + PROXY),
        upstream("url: 'http://h', headers: {drop: [Host]}", "headers.drop[0]: Host" + HEADER),
        upstream("url: 'http://h', apiKey: 123", "apiKey: *** (expected: " + TEXT + ")"),
        with("keys: sk-secret", "keys: *** (expected: a list)"),
        with("keys: [sk-secret]", "keys[0]: *** (expected: a section of keys)"),
        with("keys: {name: a}", "keys: a section (expected: a list)"),
        upstream(
            "url: 'http://h', apiKey: \"a\\nb\"",
            "apiKey: *** (expected: printable ASCII without spaces)"),
        upstream(
            "url: 'http://h', connectTimeout: 25h",
            "connectTimeout: 25h (expected: a duration from 1ms to 24h)"),
        upstream(
            "url: 'http://h', connections: 0",
            "connections: 0 (expected: a whole number from 1 to 65536)"),
        upstream(
            "url: 'http://h', name: 'a/b'",
            "name: a/b (expected: 1 to 64 letters, digits, '.', '_' or '-')"),
        upstream("url: 'http://h', aliases: [a]", "aliases: a list (expected: a section of keys)"),
        upstream("url: 'http://h', aliases: {a: 1}", "aliases.a: 1 (expected: " + TEXT + ")"),
        upstream(
            "url: 'http://h', aliases: {a: ''}",
            "aliases.a: empty (expected: text that is not empty)"),
        upstream(
            "url: 'http://h', weight: 0", "weight: 0 (expected: a whole number from 1 to 1000)"),
        upstream(
            "url: 'http://h', probe: {path: health}",
            "probe.path: health (expected: empty, or a path that begins with /)"),
        file(
            "upstreams: [{url: 'http://h'}, {url: 'http://i'}]",
            "upstreams[1].name: default (expected: a name of its own)"));
  }

  static Stream<Arguments> notYaml() {
    return Stream.of(
        Arguments.of("a: b: c", ":1:5: mapping values are not allowed here"),
        Arguments.of(
            "server:\n  port: [", ":2:10: expected the node content, but found '<stream end>'"),
        Arguments.of("server: {}\nserver: {}", ":2:7: Duplicate field 'server'"),
        Arguments.of(
            "server: {host: &a h}\nmanagement: {host: *a}",
            ":2:20: an alias (expected: the value itself)"),
        file("- a", "a list (expected: a section of keys)"),
        file("words", "text (expected: a section of keys)"),
        file(UPSTREAM + "---\nserver: {}", "a second document (expected: one)"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "REFRAIN_PORT | http | server.port: http (expected: a whole number)",
        "REFRAIN_PORT | 70000 | server.port: 70000 (expected: a whole number from 0 to 65535)",
        "REFRAIN_MANAGEMENT_PORT | -1 | management.port: -1 (expected: a whole number from 0 to"
            + " 65535)",
        "REFRAIN_UPSTREAM_URL | h | upstreams[0].url: h (expected: " + URL + ")",
        "REFRAIN_UPSTREAM_API_KEY | a b | upstreams[0].apiKey: *** (expected: printable ASCII"
            + " without spaces)",
        "REFRAIN_REDIS_URL | h:1 | cache.redis.url: h:1 (expected: a redis:// or rediss:// URL, or"
            + " empty)"
      })
  void aWrongVariableIsRefusedUnderItsOwnName(
      String variable, String value, String line, @TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("refrain.yaml"), UPSTREAM);
    assertThatExceptionOfType(ConfigError.class)
        .isThrownBy(() -> ConfigLoader.load(Optional.of(file), Map.of(variable, value)))
        .withMessage(variable + ": " + line);
  }

  @Test
  void aFileIsNamedByItsPath(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("my.yaml"), UPSTREAM + "server: {port: x}");
    assertRefused(file, file + ":2: server.port: x (expected: a whole number)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2 | upstreams:\\n- url: ftp://a",
        "3 | upstreams:\\n- url: http://a\\n  wieght: 2",
        "3 | upstreams:\\n- url: http://a\\n- name: b",
        "4 | # a comment\\n\\nupstreams: [{url: http://a}]\\ncache: {ttl: soon}",
        "5 | upstreams: [{url: http://a}]\\n"
            + "cache:\\n"
            + "  redis:\\n"
            + "    url: redis://a\\n"
            + "    breaker: {pause: 2}",
        "2 | upstreams: [{url: http://a}]\\nmanagement: {port: 8080, host: 0.0.0.0}",
      })
  void aMessageNamesTheLine(int line, String yaml, @TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("my.yaml"), yaml.translateEscapes());
    assertThatExceptionOfType(ConfigError.class)
        .isThrownBy(() -> ConfigLoader.load(Optional.of(file), Map.of()))
        .satisfies(error -> assertThat(error.getMessage()).startsWith(file + ":" + line + ": "));
  }

  private static String withoutLine(String message) {
    return message.replaceFirst("^text:\\d+: ", "text: ");
  }

  @Test
  void aFileThatCannotBeReadIsRefused(@TempDir Path folder) throws IOException {
    Path latin = Files.write(folder.resolve("latin.yaml"), new byte[] {'a', ':', ' ', (byte) 0xe4});
    assertRefused(latin, latin + ": not UTF-8");
    assertRefused(folder, folder + ": Is a directory");
    assertRefused(folder.resolve("absent.yaml"), folder.resolve("absent.yaml") + ": no such file");
  }

  @Test
  void theUrlOfTheEnvironmentIsRefusedWhenItCouldMeanSeveralUpstreams(@TempDir Path folder)
      throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("two.yaml"),
            "upstreams: [{name: a, url: 'http://a'}, {name: b, url: 'http://b'}]");
    assertThatExceptionOfType(ConfigError.class)
        .isThrownBy(
            () -> ConfigLoader.load(Optional.of(file), Map.of("REFRAIN_UPSTREAM_URL", "http://c")))
        .withMessage(
            "REFRAIN_UPSTREAM_URL: upstreams: a list of 2 (expected: one upstream to set url of)");
  }

  @Test
  void aLongValueIsCutAndAMessageIsOneLine() {
    assertThatExceptionOfType(ConfigError.class)
        .isThrownBy(
            () ->
                ConfigLoader.parse(
                    UPSTREAM + "server: {host: [], port: \"a\\n" + "b".repeat(500) + "\"}"))
        .satisfies(
            error -> assertThat(error.getMessage()).hasSizeLessThan(160).doesNotContain("\n"));
    assertThat(new ConfigError("one\r\ntwo")).hasMessage("one two");
  }

  private static void assertRefused(Path file, String message) {
    assertThatExceptionOfType(ConfigError.class)
        .isThrownBy(() -> ConfigLoader.load(Optional.of(file), Map.of()))
        .withMessage(message);
  }

  private static Arguments file(String yaml, String line) {
    return Arguments.of(yaml, ": " + line);
  }

  private static Arguments with(String yaml, String line) {
    return file(UPSTREAM + yaml, line);
  }

  private static Arguments upstream(String keys, String line) {
    return file("upstreams: [{" + keys + "}]", "upstreams[0]." + line);
  }
}
