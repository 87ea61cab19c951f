package dev.refrain.doctor;

import dev.refrain.doctor.Doctor.Check;
import io.vertx.core.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;

/**
 * Checks that a port can be opened.
 *
 * @param section of the configuration: {@code server}
 */
public record PortCheck(String section, String host, int port) implements Check {
  @Override
  public String subject() {
    return section + ".port";
  }

  @Override
  public Future<List<Finding>> make() {
    return Future.succeededFuture(List.of(look()));
  }

  private Finding look() {
    InetSocketAddress address = new InetSocketAddress(host, port);
    if (address.isUnresolved()) {
      return Finding.fail(section + ".host", host + " is not an address of this machine");
    }
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(address);
      return Finding.ok(subject(), port == 0 ? "any free port" : port + " is free on " + host);
    } catch (IOException refused) {
      return refused(String.valueOf(refused.getMessage()));
    }
  }

  private Finding refused(String reason) {
    if (reason.contains("in use")) {
      return Finding.warn(
          subject(), port + " is in use on " + host + "; ignore this if this proxy is running");
    }
    return reason.contains("assign")
        ? Finding.fail(section + ".host", host + " is not an address of this machine")
        : Finding.fail(subject(), port + " cannot be opened on " + host + " by this user");
  }
}
