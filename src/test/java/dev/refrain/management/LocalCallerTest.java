package dev.refrain.management;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.management.TokenGuard.LocalCaller;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.SocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LocalCallerTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost",
        "LocalHost:9090",
        "localhost.:9090",
        "refrain.localhost",
        "127.0.0.1:9090",
        "127.1.2.3",
        "[::1]:9090"
      })
  void aLoopbackNameOrAddressIsLocal(String host) {
    assertThat(LocalCaller.isLocal(HostAndPort.parseAuthority(host, -1))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "evil.example:9090",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "evil-localhost",
        "10.0.0.1",
        "0.0.0.0:9090",
        "[::]",
        "[fe80::1]"
      })
  void anyOtherNameIsNot(String host) {
    assertThat(LocalCaller.isLocal(HostAndPort.parseAuthority(host, -1))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"})
  void aLoopbackPeerIsOfThisMachine(String address) {
    assertThat(LocalCaller.isLoopback(SocketAddress.inetSocketAddress(1, address))).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.0.0.1", "172.17.0.1", "fe80::1", "::ffff:10.0.0.1"})
  void anyOtherPeerIsNot(String address) {
    assertThat(LocalCaller.isLoopback(SocketAddress.inetSocketAddress(1, address))).isFalse();
  }

  @Test
  void withoutAPeerOrANameNothingIsLocal() {
    assertThat(LocalCaller.isLoopback(null)).isFalse();
    assertThat(LocalCaller.isLocal(null)).isFalse();
  }
}
