package dev.refrain.keys;

import java.util.Locale;

/** Why a request with a known key was denied; also the label in metrics. */
public enum KeyDenial {
  /** It has no request left. */
  REQUESTS,
  /** It has no token left, and the answer is not to be had for nothing. */
  TOKENS,
  /** It has as many requests under way as it may. */
  CONCURRENCY,
  /** The model is not for it. */
  MODEL,
  /** It is limited by model or tokens, which are known only for completions. */
  PATH;

  /** The value in metrics. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
