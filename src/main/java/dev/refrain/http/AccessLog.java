package dev.refrain.http;

import io.vertx.core.http.HttpServerRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens a line for every request where the access log is on. At level {@code debug} a line also has
 * the steps of its request. Any thread.
 */
public final class AccessLog {
  /** Its logger; a name of its own, so that it can be sent elsewhere. */
  static final Logger LOG = LoggerFactory.getLogger("dev.refrain.access");

  private final boolean on;

  /** A log that is on or off. */
  public AccessLog(boolean on) {
    this.on = on;
  }

  /** The line of a request whose head has arrived. */
  AccessListener open(HttpServerRequest request) {
    return on && LOG.isInfoEnabled()
        ? new AccessLogEntry(request, LOG.isDebugEnabled())
        : AccessListener.NONE;
  }
}
