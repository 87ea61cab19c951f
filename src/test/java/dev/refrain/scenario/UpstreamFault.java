package dev.refrain.scenario;

import java.util.Locale;

/** What the upstream of {@link FanOutModelTest} does to a prompt that begins with its name. */
enum UpstreamFault {
  /** Answers. */
  NONE,
  /** 429, and says when to come back. */
  LATER,
  /** 500. */
  BROKEN,
  /** Resets the connection before the head. */
  RESET,
  /** Whole: breaks off in the middle of the body. Stream: ends it, clean, before its last frame. */
  CUT,
  /** An error after the first frame of a stream; whole: instead of the answer, with status 200. */
  REPORTED,
  /** Everything is there but a finish reason, {@code [DONE]} included. Never kept. */
  UNFINISHED;

  static UpstreamFault of(String prompt) {
    for (UpstreamFault upstreamFault : values()) {
      if (prompt.startsWith(upstreamFault.name().toLowerCase(Locale.ROOT))) {
        return upstreamFault;
      }
    }
    return NONE;
  }

  /** What a caller hears who asked for this prompt alone. */
  String alone(boolean stream) {
    return switch (this) {
      case NONE, UNFINISHED -> ClientAnswer.ANSWER;
      case LATER, BROKEN, RESET -> refusal();
      case CUT -> stream ? ClientAnswer.ERROR_EVENT : "502";
      case REPORTED -> stream ? ClientAnswer.ERROR_EVENT : ClientAnswer.ERROR_DOCUMENT;
    };
  }

  /** Whether the upstream says no before it says anything else. */
  boolean refuses() {
    return this == LATER || this == BROKEN || this == RESET;
  }

  /** The status by which it does. */
  String refusal() {
    return switch (this) {
      case LATER -> "429";
      case BROKEN -> "500";
      default -> "502";
    };
  }

  /** Whether the other parts of a request are given up as soon as this is heard. */
  boolean endsOthers() {
    return refuses() || this == CUT || this == REPORTED;
  }
}
