package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.testing.Authority;
import dev.refrain.testing.Examples;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.Received;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import dev.refrain.testing.SocksProxy;
import dev.refrain.testing.TlsUpstream;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An upstream may lie behind a proxy of the operator's network. */
class OutboundProxyTest {
  @TempDir private Path folder;
  private final Vertx vertx = Vertx.vertx();
  private final NetClient onward = vertx.createNetClient();
  private final List<String> greetings = new CopyOnWriteArrayList<>();

  @AfterEach
  void stop() throws Exception {
    vertx.close().await(20, TimeUnit.SECONDS);
  }

  @Test
  void aPlainUpstreamIsAskedOfTheProxyByItsWholeAddress() throws Exception {
    try (ScriptedUpstream relay = ScriptedUpstream.playing(Examples::answer);
        Proxy proxy =
            Proxy.before(
                "http://upstream.test:81/base",
                "proxy: '" + relay.url().replace("//", "//me:secret@") + "'",
                "")) {
      assertThat(proxy.post(Examples.asking("relayed")).body()).isEqualTo(Examples.ANSWER);
      Received asked = relay.last();
      assertThat(asked.head().target()).isEqualTo("http://upstream.test:81/base/v1/completions");
      assertThat(asked.head().first("Host")).contains("upstream.test:81");
      assertThat(asked.head().first("Proxy-Authorization")).contains("Basic bWU6c2VjcmV0");
    }
  }

  @Test
  void anEncryptedUpstreamIsReachedThroughATunnelAndStillProvesItself() throws Exception {
    Authority authority = new Authority(folder);
    try (TlsUpstream upstream = TlsUpstream.of(authority.identity("upstream.test"));
        Proxy proxy =
            Proxy.before(
                "https://upstream.test:" + upstream.port(),
                "connectTimeout: 20s, proxy: 'http://127.0.0.1:%d', tls: {ca: '%s'}"
                    .formatted(tunnel(upstream.port()), authority.ca()),
                "")) {
      HttpResponse<String> answer = proxy.post(Examples.asking("tunnel"));
      assertThat(greetings).hasSize(1);
      assertThat(answer.body()).as(greetings.get(0)).isEqualTo(Examples.ANSWER);
      assertThat(upstream.hosts()).containsExactly("upstream.test:" + upstream.port());
      assertThat(greetings.get(0)).startsWith("CONNECT upstream.test:" + upstream.port());
    }
  }

  @Test
  void aProxyThatRefusesIsNamedAsTheCause() throws Exception {
    try (ScriptedUpstream relay =
            ScriptedUpstream.playing(Script.answer(407, "", "Proxy-Authenticate: Basic"));
        Proxy proxy = Proxy.before("https://upstream.test", "proxy: '" + relay.url() + "'", "")) {
      HttpResponse<String> answer = proxy.post(Examples.asking("refused"));
      assertThat(answer.statusCode()).isEqualTo(502);
      assertThat(answer.body()).contains("no connection to the upstream through the proxy");
    }
  }

  @Test
  void anUpstreamIsReachedThroughASocksProxyThatAsksWhoWeAreAndResolvesItsName() throws Exception {
    try (ScriptedUpstream upstream = ScriptedUpstream.playing(Examples::answer);
        SocksProxy socks = new SocksProxy("me", "secret", URI.create(upstream.url()).getPort());
        Proxy proxy =
            Proxy.before(
                "http://upstream.test:81/base",
                "proxy: 'socks5://me:secret@127.0.0.1:" + socks.port() + "'",
                "")) {
      assertThat(proxy.post(Examples.asking("socks")).body()).isEqualTo(Examples.ANSWER);
      assertThat(socks.asked()).containsExactly("upstream.test:81");
      assertThat(upstream.last().head().target()).isEqualTo("/base/v1/completions");
      assertThat(upstream.last().head().first("Host")).contains("upstream.test:81");
    }
  }

  @Test
  void anEncryptedUpstreamBehindASocksProxyStillProvesItself() throws Exception {
    Authority authority = new Authority(folder);
    try (TlsUpstream upstream = TlsUpstream.of(authority.identity("upstream.test"));
        SocksProxy socks = new SocksProxy("me", "secret", upstream.port());
        Proxy proxy =
            Proxy.before(
                "https://upstream.test",
                "connectTimeout: 20s, proxy: 'socks5://me:secret@127.0.0.1:%d', tls: {ca: '%s'}"
                    .formatted(socks.port(), authority.ca()),
                "")) {
      assertThat(proxy.post(Examples.asking("socks-tls")).body()).isEqualTo(Examples.ANSWER);
      assertThat(socks.asked()).containsExactly("upstream.test:443");
    }
  }

  @Test
  void aSocksProxyThatDoesNotKnowUsIsNamedAsTheCause() throws Exception {
    try (SocksProxy socks = new SocksProxy("me", "secret", 1);
        Proxy proxy =
            Proxy.before(
                "http://upstream.test",
                "proxy: 'socks5://me:wrong@127.0.0.1:" + socks.port() + "'",
                "")) {
      HttpResponse<String> answer = proxy.post(Examples.asking("refused"));
      assertThat(answer.statusCode()).isEqualTo(502);
      assertThat(answer.body()).contains("no connection to the upstream through the proxy");
      assertThat(socks.asked()).isEmpty();
    }
  }

  /** A proxy that makes tunnels, all to this port. */
  private int tunnel(int port) throws Exception {
    NetServer server =
        vertx
            .createNetServer()
            .connectHandler(socket -> socket.handler(greeting -> join(socket, greeting, port)))
            .listen(0, "127.0.0.1")
            .await(20, TimeUnit.SECONDS);
    return server.actualPort();
  }

  private void join(NetSocket caller, Buffer greeting, int port) {
    greetings.add(greeting.toString());
    caller.pause();
    onward
        .connect(port, "127.0.0.1")
        .onSuccess(
            server -> {
              caller.write("HTTP/1.1 200 OK\r\n\r\n");
              caller.pipeTo(server);
              server.pipeTo(caller);
            });
  }
}
