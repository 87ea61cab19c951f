package dev.refrain.inference;

/**
 * What is known of a request at its end. It may be asked only during the call that hands it over,
 * on the request's event loop; what it returns may be kept. It never contains a prompt, an answer
 * or a secret.
 */
public interface FinishedRequest {
  /** The endpoint it was for, or null if it was refused before that was known. */
  Endpoint endpoint();

  /** The status as sent, or as it would have been. */
  int status();

  /** The requested framing. */
  Framing framing();

  /** The source of the answer, or null if there was none. */
  Source source();

  /** The rule that applies to it, or empty. */
  String rule();

  /** Nanoseconds from its head to the last byte of its answer. */
  long nanos();

  /** Its {@code traceparent}, or null. */
  String trace();

  /** The model as asked for, or null if it was refused before that was known. */
  String model();

  /** The name of the key that it presented, or null. */
  String keyName();

  /**
   * Why it was answered as it was: {@code hit}, {@code uri-miss}, {@code collapsed}, the reason of
   * a bypass, the code of a refusal. One of a closed set.
   */
  String reason();

  /** The tokens of its answer, as far as they are known. */
  Tokens tokens();
}
