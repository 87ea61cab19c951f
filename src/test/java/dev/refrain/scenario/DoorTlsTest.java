package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.refrain.config.ConfigError;
import dev.refrain.testing.Authority;
import dev.refrain.testing.Authority.Identity;
import dev.refrain.testing.Examples;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.ScriptedUpstream;
import dev.refrain.tls.CertificateWatch;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientAgent;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/** The door speaks TLS, HTTP/2 and HTTP/1.1, and changes its certificate while it is open. */
class DoorTlsTest {
  @TempDir private Path folder;
  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Examples::answer);
  private final Vertx vertx = Vertx.vertx();
  private final Logger watch = (Logger) LoggerFactory.getLogger(CertificateWatch.class);
  // They are closed when nobody holds them.
  private final List<HttpClientAgent> clients = new CopyOnWriteArrayList<>();
  private final ListAppender<ILoggingEvent> said = new ListAppender<>();

  @BeforeEach
  void listen() {
    said.list = new CopyOnWriteArrayList<>();
    said.start();
    watch.setLevel(Level.WARN);
    watch.setAdditive(false);
    watch.addAppender(said);
  }

  @AfterEach
  void stop() throws Exception {
    watch.detachAppender(said);
    watch.setLevel(null);
    watch.setAdditive(true);
    vertx.close().await(20, TimeUnit.SECONDS);
    upstream.close();
  }

  @ParameterizedTest
  @EnumSource(
      value = HttpVersion.class,
      names = {"HTTP_1_1", "HTTP_2"})
  void theCallerChoosesTheVersion(HttpVersion version) throws Exception {
    Authority authority = new Authority(folder);
    try (Proxy proxy = behind(authority.identity("localhost"), "")) {
      Answer answer = ask(client(authority, version), proxy, Examples.asking("version")).await();
      assertThat(answer.version).isEqualTo(version);
      assertThat(answer.status).isEqualTo(200);
      assertThat(answer.body).isEqualTo(Examples.ANSWER);
    }
  }

  @Test
  void plainHttpIsNotAnsweredAtADoorThatSpeaksTls() throws Exception {
    try (Proxy proxy = behind(new Authority(folder).identity("localhost"), "");
        var client = proxy.connect()) {
      client.post(Examples.asking("plain"));
      assertThatThrownBy(client::answer)
          .isInstanceOf(IOException.class)
          .isNotInstanceOf(SocketTimeoutException.class);
      assertThat(upstream.calls()).isZero();
    }
  }

  @Test
  void aCallerMustProveItselfWhereThatIsWanted() throws Exception {
    Authority authority = new Authority(folder);
    Identity caller = authority.identity("caller.test");
    try (Proxy proxy =
        behind(authority.identity("localhost"), ", clientCa: '" + authority.ca() + "'")) {
      HttpClientAgent known =
          vertx.createHttpClient(
              options(authority)
                  .setKeyCertOptions(
                      new PemKeyCertOptions()
                          .setCertPath(caller.cert().toString())
                          .setKeyPath(caller.key().toString())));
      assertThat(ask(known, proxy, Examples.asking("known")).await().status).isEqualTo(200);
      HttpClientAgent stranger = client(authority, HttpVersion.HTTP_1_1);
      assertThatThrownBy(() -> ask(stranger, proxy, Examples.asking("stranger")).await())
          .isNotNull();
    }
  }

  @Test
  void aNewCertificateIsTakenUpWhileRequestsFlowAndNoneIsDropped() throws Exception {
    Authority authority = new Authority(folder);
    Identity files = authority.identity("localhost");
    try (Proxy proxy = behind(files, "")) {
      HttpClientAgent kept = client(authority, HttpVersion.HTTP_2);
      List<Future<Answer>> asked = new ArrayList<>();
      String before = serial(proxy, authority);

      authority.identity("localhost").replace(files);

      await()
          .atMost(Duration.ofSeconds(30))
          .until(
              () -> {
                for (int i = 0; i < 5; i++) {
                  asked.add(ask(kept, proxy, Examples.sampling("flow")));
                  asked.add(
                      ask(
                          client(authority, HttpVersion.HTTP_1_1),
                          proxy,
                          Examples.streaming("flow")));
                }
                return !serial(proxy, authority).equals(before);
              });
      asked.add(ask(kept, proxy, Examples.asking("after")));
      Future.all(asked).await(20, TimeUnit.SECONDS);
      assertThat(asked).allSatisfy(one -> assertThat(one.result().status).isEqualTo(200));
    }
  }

  @Test
  void badNewFilesAreRefusedAndTheOldStay() throws Exception {
    Authority authority = new Authority(folder);
    Identity files = authority.identity("localhost");
    Identity old = authority.identity("localhost");
    try (Proxy proxy = behind(files, "")) {
      String before = serial(proxy, authority);
      Authority.swap(old.cert(), files.cert());
      refused(1, "is not the key of");
      Authority.swap(authority.expired("localhost").cert(), files.cert());
      refused(2, "is not the key of");
      Authority.swap(Files.writeString(folder.resolve("nonsense"), "nonsense"), files.cert());
      refused(3, "no PEM certificate");
      Files.delete(files.cert());
      refused(4, "no such file");
      assertThat(serial(proxy, authority)).isEqualTo(before);

      old.replace(files);

      await().atMost(Duration.ofSeconds(20)).until(() -> !serial(proxy, authority).equals(before));
    }
  }

  @Test
  void aDoorWithoutUsableFilesDoesNotOpenAndNamesTheFile() {
    Identity one = new Authority(folder).identity("localhost");
    Identity other = new Authority(folder).identity("localhost");
    Path absent = folder.resolve("absent.pem");
    assertThatThrownBy(() -> behind(new Identity(one.cert(), other.key()), ""))
        .isInstanceOf(ConfigError.class)
        .hasMessage("server.tls.key: " + other.key() + ": is not the key of " + one.cert());
    assertThatThrownBy(() -> behind(new Identity(absent, one.key()), ""))
        .isInstanceOf(ConfigError.class)
        .hasMessage("server.tls.cert: " + absent + ": no such file");
    assertThatThrownBy(() -> behind(new Identity(one.key(), one.key()), ""))
        .isInstanceOf(ConfigError.class)
        .hasMessageContaining("no PEM certificate");
    assertThatThrownBy(() -> behind(new Authority(folder).expired("localhost"), ""))
        .isInstanceOf(ConfigError.class)
        .hasMessageContaining("expired at ");
  }

  /** Waits for the line of log with this number, and sees that there was no other. */
  private void refused(int number, String why) {
    await().atMost(Duration.ofSeconds(20)).until(() -> said.list.size() >= number);
    assertThat(said.list).hasSize(number);
    assertThat(said.list.get(number - 1).getFormattedMessage())
        .startsWith("server.tls.")
        .contains(why)
        .endsWith("the previous certificates stay in use");
  }

  /** Which certificate a new connection is shown. */
  private static String serial(Proxy proxy, Authority authority) throws Exception {
    try (SSLSocket socket =
        (SSLSocket)
            trusting(authority).getSocketFactory().createSocket("localhost", proxy.port())) {
      socket.startHandshake();
      X509Certificate shown = (X509Certificate) socket.getSession().getPeerCertificates()[0];
      return shown.getSerialNumber().toString();
    }
  }

  private static SSLContext trusting(Authority authority) throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    try (InputStream ca = Files.newInputStream(authority.ca())) {
      trusted.setCertificateEntry(
          "ca", CertificateFactory.getInstance("X.509").generateCertificate(ca));
    }
    TrustManagerFactory managers =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    managers.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, managers.getTrustManagers(), null);
    return context;
  }

  private Proxy behind(Identity identity, String more) {
    return Proxy.before(
        upstream.url(),
        "",
        "",
        "eventLoops: 2, tls: {reload: 20ms, cert: '%s', key: '%s'%s}"
            .formatted(identity.cert(), identity.key(), more));
  }

  private record Answer(HttpVersion version, int status, String body) {}

  private static Future<Answer> ask(HttpClientAgent client, Proxy proxy, String body) {
    return client
        .request(HttpMethod.POST, proxy.port(), "localhost", "/v1/completions")
        .compose(request -> request.putHeader("Content-Type", "application/json").send(body))
        .compose(
            response ->
                response
                    .body()
                    .map(
                        text ->
                            new Answer(
                                response.version(), response.statusCode(), text.toString())));
  }

  private HttpClientAgent client(Authority authority, HttpVersion version) {
    HttpClientAgent client =
        vertx.createHttpClient(options(authority).setProtocolVersion(version).setUseAlpn(true));
    clients.add(client);
    return client;
  }

  private static HttpClientOptions options(Authority authority) {
    return new HttpClientOptions()
        .setSsl(true)
        .setTrustOptions(new PemTrustOptions().addCertPath(authority.ca().toString()));
  }
}
