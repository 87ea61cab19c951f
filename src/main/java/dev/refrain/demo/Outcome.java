package dev.refrain.demo;

/**
 * Measurements of one step.
 *
 * @param status of the answer; 0 if there was none
 * @param answer what the answer said
 * @param cache what the proxy said about it
 * @param millis from sending to the last byte
 * @param calls that reached the upstream meanwhile, by its own count
 * @param paid tokens of those calls, by the upstream's own count
 */
record Outcome(
    int status, ReceivedAnswer answer, CacheStatus cache, long millis, long calls, long paid) {

  /** A step that got no answer. */
  static Outcome none(long millis, long calls, long paid) {
    return new Outcome(0, ReceivedAnswer.NONE, CacheStatus.parse(null), millis, calls, paid);
  }

  /** Tokens that the client got and that cost nothing. */
  long saved() {
    return Math.max(0, answer.tokens() - paid);
  }
}
