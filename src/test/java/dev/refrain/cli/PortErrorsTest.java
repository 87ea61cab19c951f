package dev.refrain.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.config.Config;
import dev.refrain.config.ConfigLoader;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.UnresolvedAddressException;
import org.junit.jupiter.api.Test;

class PortErrorsTest {
  private static final Throwable BIND =
      new IllegalStateException("start", new BindException("Address already in use"));

  @Test
  void aTakenPortIsNamedByItsKey() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();
      assertThat(PortErrors.explain(BIND, config("127.0.0.1", port)))
          .hasValueSatisfying(
              error ->
                  assertThat(error)
                      .hasMessage(
                          "server.port: "
                              + port
                              + " is in use on 127.0.0.1 (expected: a free port)"));
    }
  }

  @Test
  void anAddressOfAnotherMachineIsNamedByItsKey() {
    // TEST-NET-1 of RFC 5737 belongs to nobody.
    assertThat(PortErrors.explain(BIND, config("192.0.2.1", 0)))
        .hasValueSatisfying(
            error -> assertThat(error).hasMessageStartingWith("server.host: 192.0.2.1 (expected:"));
  }

  @Test
  void aNameWithoutAnAddressIsNamedByItsKey() {
    assertThat(PortErrors.explain(new UnresolvedAddressException(), config("not a name", 0)))
        .hasValueSatisfying(
            error ->
                assertThat(error).hasMessageStartingWith("server.host: not a name (expected:"));
  }

  @Test
  void aFailureThatHasNothingToDoWithTheDoorsIsLeftAsItIs() {
    assertThat(PortErrors.explain(new IllegalStateException(), config("192.0.2.1", 0))).isEmpty();
    assertThat(PortErrors.explain(new IOException(), config("127.0.0.1", 0))).isEmpty();
  }

  private static Config config(String host, int port) {
    return ConfigLoader.parse(
        """
        upstreams: [{url: 'http://127.0.0.1:1'}]
        server: {host: '%s', port: %d}
        management: {host: 127.0.0.1, port: 0}
        """
            .formatted(host, port));
  }
}
