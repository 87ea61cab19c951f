package dev.refrain.config;

import java.util.List;

/**
 * Which header fields travel to an upstream and back.
 *
 * @param allow names of the request that are sent; empty is all
 * @param drop names of the request that are not sent
 * @param hide names of its answers that are not passed back
 */
public record UpstreamHeaders(List<String> allow, List<String> drop, List<String> hide) {
  /** Checks the names. */
  public UpstreamHeaders {
    allow = Check.headerNames("allow", allow);
    drop = Check.headerNames("drop", drop);
    hide = Check.headerNames("hide", hide);
  }
}
