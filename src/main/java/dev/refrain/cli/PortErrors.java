package dev.refrain.cli;

import dev.refrain.config.Config;
import dev.refrain.config.ConfigError;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.UnresolvedAddressException;
import java.util.Optional;
import java.util.stream.Stream;

/** Explains in terms of the configuration why a port could not be opened. */
final class PortErrors {
  private PortErrors() {}

  /**
   * The operator's explanation if the failure is one of the network.
   *
   * <p>The exception of a failed bind names neither host nor port, so each port is tried once more;
   * a failed start must have closed what it had opened.
   */
  static Optional<ConfigError> explain(Throwable failure, Config config) {
    if (!isOfNetwork(failure)) {
      return Optional.empty();
    }
    return Stream.of(
            refusal("server", config.server().host(), config.server().port()),
            refusal("management", config.management().host(), config.management().port()))
        .flatMap(Optional::stream)
        .findFirst();
  }

  private static boolean isOfNetwork(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      // Native transports report a failed bind as an IOException that is no BindException.
      if (cause instanceof IOException || cause instanceof UnresolvedAddressException) {
        return true;
      }
    }
    return false;
  }

  private static Optional<ConfigError> refusal(String section, String host, int port) {
    InetSocketAddress address = new InetSocketAddress(host, port);
    if (address.isUnresolved()) {
      return Optional.of(foreign(section, host));
    }
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(address);
      return Optional.empty();
    } catch (IOException refused) {
      return Optional.of(refused(section, host, port, String.valueOf(refused.getMessage())));
    }
  }

  private static ConfigError refused(String section, String host, int port, String reason) {
    if (reason.contains("in use")) {
      return new ConfigError(
          section + ".port: " + port + " is in use on " + host + " (expected: a free port)");
    }
    if (reason.contains("assign")) {
      return foreign(section, host);
    }
    return new ConfigError(
        section + ".port: " + port + ": " + reason + " (expected: a port this process may open)");
  }

  private static ConfigError foreign(String section, String host) {
    return new ConfigError(
        section + ".host: " + host + " (expected: an address of this machine, or 0.0.0.0)");
  }
}
