package dev.refrain.upstream;

import dev.refrain.upstream.Health.Admission;

/**
 * One call of a request to one server, and its progress. Owes the server's health a verdict. Lives
 * on one event loop.
 */
final class Attempt {
  private final Upstream upstream;
  private final boolean trial;
  private final long since;
  private boolean sent;
  private boolean pointless;

  /**
   * A call about to be made.
   *
   * @param leave by which it may be
   * @param since when the request's first call began, by {@link System#nanoTime}
   */
  Attempt(Upstream upstream, Admission admission, long since) {
    this.upstream = upstream;
    this.trial = admission == Admission.TRIAL;
    this.since = since;
  }

  Upstream upstream() {
    return upstream;
  }

  Target target() {
    return upstream.target();
  }

  long since() {
    return since;
  }

  /** There is a connection, and the request goes out: from here on it may be carried out. */
  void sent() {
    sent = true;
    if (trial) {
      upstream.health().reached();
    }
  }

  boolean isSent() {
    return sent;
  }

  /** The answer is one that we cannot take, and would be so again. */
  void pointless() {
    pointless = true;
  }

  boolean isPointless() {
    return pointless;
  }

  /** The server answered. */
  void succeeded() {
    upstream.health().succeeded();
  }

  /**
   * The server failed, before its answer began or in the midst of it.
   *
   * @param mute whether it gave no answer at all
   */
  void failed(boolean mute) {
    upstream.health().failed(mute);
  }

  /** The outcome says nothing about the server. */
  void undecided() {
    if (trial) {
      upstream.health().undecided();
    }
  }
}
