package dev.refrain.upstream;

import java.time.Duration;

/** The phases of a call that have a timeout each, and what a server did that ran into it. */
enum CallPhase {
  /** Waiting for a place among the calls at once. */
  TURN("had no place for this call"),
  /** Waiting for the head of the answer. */
  FIRST_BYTE("sent nothing"),
  /** Waiting for the next bytes. */
  IDLE("stopped sending"),
  /** All of it. */
  TOTAL("did not finish");

  private final String what;

  CallPhase(String what) {
    this.what = what;
  }

  /** How long it may take at a server. */
  Duration limit(Target target) {
    return switch (this) {
      case TURN -> target.connectTimeout();
      case FIRST_BYTE -> target.firstByteTimeout();
      case IDLE -> target.idleTimeout();
      case TOTAL -> target.totalTimeout();
    };
  }

  /** The error message for a server that took longer. */
  String overdue(Target target) {
    return "the upstream " + what + " within " + limit(target).toMillis() + " ms";
  }
}
