package dev.refrain.demo;

import io.vertx.core.Future;

/** A running proxy, as much of it as a tour needs. */
public interface Proxy {
  /** The public port, on the loopback interface. */
  int port();

  /** The management port, there as well. */
  int managementPort();

  /** Stops it. Called off its event loops. */
  Future<Void> stop();

  /** Starts proxies. */
  @FunctionalInterface
  interface Launcher {
    /** Starts one with its defaults, on a free port, before the upstream on a loopback port. */
    Future<Proxy> launch(int upstreamPort);
  }
}
