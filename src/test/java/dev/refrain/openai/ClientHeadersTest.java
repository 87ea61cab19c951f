package dev.refrain.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.inference.Fingerprint;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Clients that ask the same with the same key share their answers, whatever they are written in and
 * whatever lies on the way.
 */
class ClientHeadersTest {
  private static final String KEY = "Authorization: Bearer sk-1";

  /** What each client sends beside the key, a field a line. */
  private enum Client {
    OPENAI_PYTHON(
        """
        Host: localhost:8080
        Accept: application/json
        Accept-Encoding: gzip, deflate, br, zstd
        Connection: keep-alive
        Content-Type: application/json
        User-Agent: OpenAI/Python 1.99.9
        X-Stainless-Lang: python
        X-Stainless-Package-Version: 1.99.9
        X-Stainless-OS: Linux
        X-Stainless-Arch: x64
        X-Stainless-Runtime: CPython
        X-Stainless-Runtime-Version: 3.12.3
        X-Stainless-Async: async:asyncio
        x-stainless-retry-count: 1
        x-stainless-read-timeout: 600
        X-Stainless-Raw-Response: true
        Idempotency-Key: stainless-python-retry-5d1a
        Content-Length: 120\
        """),
    OPENAI_NODE(
        """
        host: localhost:8080
        connection: keep-alive
        accept: application/json
        content-type: application/json
        user-agent: OpenAI/JS 5.12.0
        x-stainless-retry-count: 0
        x-stainless-timeout: 600
        x-stainless-lang: js
        x-stainless-package-version: 5.12.0
        x-stainless-os: MacOS
        x-stainless-arch: arm64
        x-stainless-runtime: node
        x-stainless-runtime-version: v22.1.0
        x-stainless-helper-method: stream
        accept-language: *
        sec-fetch-mode: cors
        accept-encoding: gzip, deflate
        content-length: 120\
        """),
    OPENAI_JAVA(
        """
        Content-Type: application/json
        User-Agent: OpenAIClientImpl/Java 4.101.0
        Accept: application/json
        X-Stainless-Lang: java
        X-Stainless-Arch: x64
        X-Stainless-OS: Linux
        X-Stainless-OS-Version: 6.1
        X-Stainless-Package-Version: 4.101.0
        X-Stainless-Runtime: JRE
        X-Stainless-Runtime-Version: 17.0.1
        X-Stainless-Kotlin-Version: 1.8.0
        X-Stainless-Retry-Count: 2
        Host: localhost:8080
        Connection: Keep-Alive
        Accept-Encoding: gzip\
        """),
    OPENAI_GO(
        """
        Host: localhost:8080
        User-Agent: OpenAI/Go 1.12.0
        Content-Length: 120
        Accept: application/json
        Content-Type: application/json
        X-Stainless-Arch: amd64
        X-Stainless-Lang: go
        X-Stainless-Os: Linux
        X-Stainless-Package-Version: 1.12.0
        X-Stainless-Retry-Count: 0
        X-Stainless-Runtime: go
        X-Stainless-Runtime-Version: go1.24
        X-Stainless-Timeout: 30
        Accept-Encoding: gzip\
        """),
    OPENAI_DOTNET(
        """
        Host: localhost:8080
        Accept: application/json
        User-Agent: OpenAI/2.2.0 (.NET 9.0.0; Linux)
        Content-Type: application/json
        x-ms-client-request-id: 0a1b
        traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00
        Content-Length: 120\
        """),
    LANGCHAIN(
        """
        Host: localhost:8080
        Accept: application/json
        Content-Type: application/json
        User-Agent: langchainjs-openai/1.0.0
        X-Stainless-Lang: js
        x-stainless-retry-count: 0
        langsmith-trace: 20260101T000000000000Z1b2c
        baggage: langsmith-metadata=a%3Db\
        """),
    LITELLM(
        """
        Host: localhost:8080
        Accept: */*
        Accept-Encoding: gzip, deflate
        User-Agent: litellm/1.75.0
        Content-Type: application/json
        x-litellm-call-id: 7c1f
        HTTP-Referer: https://litellm.ai
        X-Title: liteLLM\
        """),
    PROMPTFOO(
        """
        host: localhost:8080
        content-type: application/json
        x-promptfoo-version: 0.117.4
        x-promptfoo-silent: true
        user-agent: node
        accept: */*
        accept-language: *
        sec-fetch-mode: cors\
        """),
    LM_EVALUATION_HARNESS(
        """
        Host: localhost:8080
        User-Agent: python-requests/2.32.3
        Accept-Encoding: gzip, deflate
        Accept: */*
        Connection: keep-alive
        Content-Type: application/json\
        """),
    CURL(
        """
        Host: localhost:8080
        User-Agent: curl/8.5.0
        Accept: */*
        Content-Type: application/json
        Expect: 100-continue\
        """),
    SPRING(
        """
        Accept: text/plain, application/json, */*
        Accept-Charset: utf-8, iso-8859-1
        Content-Type: application/json;charset=UTF-8
        Upgrade: h2c
        HTTP2-Settings: AAEAAEAAAAIAAAAB
        Connection: Upgrade, HTTP2-Settings
        User-Agent: Java-http-client/17\
        """),
    BROWSER(
        """
        Host: refrain.example
        Accept: */*
        Accept-Encoding: gzip, deflate, br, zstd
        Content-Type: application/json
        Origin: https://app.example
        Referer: https://app.example/chat
        User-Agent: Mozilla/5.0 (X11; Linux x86_64)
        DNT: 1
        Sec-GPC: 1
        Sec-Fetch-Dest: empty
        Sec-Fetch-Mode: cors
        Sec-Fetch-Site: same-site
        sec-ch-ua: "Chromium";v="130"
        sec-ch-ua-mobile: ?0
        sec-ch-ua-platform: "Linux"
        Priority: u=1, i
        Pragma: no-cache
        Cache-Control: max-age=3600\
        """);

    private final List<String> fields;

    Client(String fields) {
      this.fields = fields.lines().toList();
    }
  }

  /** What lies on the way, and adds to what it passes on. */
  private enum Way {
    DIRECT(""),
    NGINX(
        """
        X-Real-IP: 10.0.0.7
        X-Forwarded-For: 203.0.113.4, 10.0.0.7
        X-Forwarded-Proto: https
        X-Forwarded-Port: 443
        X-Forwarded-Scheme: https
        X-Scheme: https
        X-Original-Forwarded-For: 203.0.113.4
        X-Request-ID: 5f0c
        X-Request-Start: t=1732960000.123
        Via: 1.1 nginx\
        """),
    ENVOY(
        """
        x-forwarded-for: 203.0.113.4
        x-forwarded-proto: https
        x-request-id: 1c9d
        x-envoy-external-address: 203.0.113.4
        x-envoy-expected-rq-timeout-ms: 15000
        x-envoy-attempt-count: 2
        x-envoy-internal: true
        x-envoy-peer-metadata-id: sidecar~10.0.0.7
        x-b3-traceid: 80f198ee56343ba864fe8b2a57d3eff7
        x-b3-spanid: e457b5a2e4d86bd1
        x-b3-sampled: 1
        b3: 1\
        """),
    CLOUDFLARE(
        """
        CF-Ray: 8c1f2a3b4c5d6e7f-FRA
        CF-Connecting-IP: 203.0.113.4
        CF-IPCountry: DE
        CF-Visitor: {"scheme":"https"}
        CF-EW-Via: 15
        CF-Worker: example.com
        CDN-Loop: cloudflare; loops=1
        X-Forwarded-For: 203.0.113.4
        X-Forwarded-Proto: https
        Cookie: __cf_bm=abc.def; _cfuvid=xyz\
        """),
    LOAD_BALANCER(
        """
        X-Amzn-Trace-Id: Root=1-5759e988-bd862e3fe1be46a994272793
        X-Cloud-Trace-Context: 105445aa7843bc8bf206b12000100000/1;o=1
        Via: 1.1 google
        Forwarded: for=192.0.2.60;proto=http;by=203.0.113.43
        Cookie: AWSALB=changes; AWSALBCORS=changes\
        """),
    TRACED(
        """
        traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
        tracestate: congo=t61rcWkgMzE
        baggage: userId=alice
        sentry-trace: 771a43a4192642f0b136d5159a501700-5b3f
        x-datadog-trace-id: 1
        x-datadog-sampling-priority: 1
        uber-trace-id: 3a:1:0:1
        X-Correlation-ID: 9
        X-Client-Request-Id: 8
        Idempotency-Key: 7\
        """);

    private final List<String> fields;

    Way(String fields) {
      this.fields = fields.lines().toList();
    }
  }

  static Stream<Arguments> journeys() {
    return Stream.of(Client.values())
        .flatMap(client -> Stream.of(Way.values()).map(way -> Arguments.of(client, way)));
  }

  @ParameterizedTest
  @MethodSource("journeys")
  void everyClientOnEveryWayAsksForTheSame(Client client, Way way) {
    List<String> fields = new ArrayList<>(client.fields);
    fields.addAll(way.fields);

    assertThat(asking(fields)).isEqualTo(asking(List.of()));
  }

  @Test
  void fieldsInAnyOrderAndNamesInAnyCaseAreTheSame() {
    List<String> one = List.of("OpenAI-Beta: a", "X-Tags: b", "OpenAI-Organization: o");
    List<String> other = List.of("openai-organization: o", "x-tags: b", "OPENAI-BETA: a");

    assertThat(asking(one)).isEqualTo(asking(other));
  }

  @Test
  void cookiesThatCameInOneFieldAreThoseThatCameInSeveral() {
    assertThat(asking(List.of("Cookie: a=1; b=2")))
        .isEqualTo(asking(List.of("cookie: a=1", "cookie: b=2")))
        .isNotEqualTo(asking(List.of("Cookie: a=1")));
  }

  private static Fingerprint asking(List<String> fields) {
    List<String> all = new ArrayList<>(fields);
    all.add(KEY);
    return ReaderFixture.fingerprint(
        "", all.stream().flatMap(field -> Stream.of(field.split(": ", 2))).toArray(String[]::new));
  }
}
