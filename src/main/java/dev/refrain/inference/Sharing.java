package dev.refrain.inference;

import java.util.Locale;

/** Whether a request's answer may be shared with equal requests, and if not, why. */
public sealed interface Sharing {
  /**
   * Equal requests may share the answer, now and later.
   *
   * @param scope a hash of the caller; answers can be purged by it
   * @param namespace a part of the scope; empty is the common one. Likewise
   */
  record Shareable(Fingerprint fingerprint, long scope, String namespace) implements Sharing {
    /** In the common namespace. */
    public Shareable(Fingerprint fingerprint, long scope) {
      this(fingerprint, scope, "");
    }
  }

  /**
   * Equal requests are samples of each other. Which one this is remains to be counted; then it is
   * {@link Shareable} under a fingerprint of its own. No stage sees such a request.
   *
   * @param counter of the requests that are counted together
   * @param scope a hash of the caller
   * @param choices how many samples one request takes
   * @param slots after so many requests the first number comes again; 0 is never
   */
  record Unnumbered(Fingerprint counter, long scope, int choices, int slots) implements Sharing {}

  /** The request goes upstream for itself alone. */
  record Unshareable(Reason reason) implements Sharing {}

  /**
   * Why an answer is not shared; also the {@code detail} of Cache-Status and a label in metrics.
   */
  enum Reason {
    /** The temperature is absent or above zero. */
    SAMPLED,
    /** The caller said {@code Cache-Control: no-store}. */
    NO_STORE,
    /** A field makes the call depend on, or change, a state at the server. */
    STATEFUL,
    /** A header field makes another request of it than its body says: a range, another method. */
    HEADER,
    /** A field has a value that a server may understand and Refrain does not. */
    NOT_UNDERSTOOD,
    /** The configuration switches caching off. */
    DISABLED,
    /** As many calls are shared at once as the configuration allows. */
    BUSY;

    /** The value in metrics and headers. */
    public String label() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }
}
