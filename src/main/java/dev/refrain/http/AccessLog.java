package dev.refrain.http;

import io.vertx.core.http.HttpServerRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A line for every request, or for those alone that bring a {@link DebugToken}. Any thread. */
public final class AccessLog {
  /** Its logger; a name of its own, so that it can be sent elsewhere. */
  static final Logger LOG = LoggerFactory.getLogger("dev.refrain.access");

  private final boolean all;
  private final DebugToken pass;

  /**
   * A log.
   *
   * @param all whether there is a line for every request
   */
  public AccessLog(boolean all, DebugToken pass) {
    this.all = all;
    this.pass = pass;
  }

  /** The line of a request, which thereby loses its pass. */
  AccessListener open(HttpServerRequest request) {
    boolean debugged = pass.takes(request.headers());
    return (all || debugged) && LOG.isInfoEnabled()
        ? new AccessLogEntry(request, debugged)
        : AccessListener.NONE;
  }
}
