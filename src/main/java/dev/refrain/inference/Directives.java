package dev.refrain.inference;

/**
 * Cache directives of a request (RFC 9111 §5.2.1). {@code no-store} is not here: it makes a request
 * {@link Sharing.Unshareable}.
 *
 * @param noCache ask anew, keep the new answer
 * @param maxAge serve nothing older, in seconds; {@link Long#MAX_VALUE} when not said
 * @param onlyIfCached answer from the cache or not at all
 * @param policy how its answer is stored
 */
public record Directives(boolean noCache, long maxAge, boolean onlyIfCached, CachePolicy policy) {
  /** Nothing said. */
  public static final Directives NONE = new Directives(false, Long.MAX_VALUE, false);

  /** The directives of a request to which no rule applies. */
  public Directives(boolean noCache, long maxAge, boolean onlyIfCached) {
    this(noCache, maxAge, onlyIfCached, CachePolicy.DEFAULT);
  }

  /**
   * Whether a value of {@code Cache-Control} names {@code no-store}, in quotes and with a value,
   * too: who writes it so does not mean its opposite.
   */
  public static boolean namesNoStore(String value) {
    int at = -1;
    do {
      at = indexOfNoStore(value, at + 1);
    } while (at > 0 && isInName(value, at - 1) || at >= 0 && isInName(value, at + 8));
    return at >= 0;
  }

  private static int indexOfNoStore(String value, int from) {
    for (int at = from; at <= value.length() - 8; at++) {
      if (value.regionMatches(true, at, "no-store", 0, 8)) {
        return at;
      }
    }
    return -1;
  }

  private static boolean isInName(String value, int at) {
    char c = at < value.length() ? value.charAt(at) : ' ';
    return Character.isLetterOrDigit(c) || c == '-' || c == '_';
  }

  /** The same, under another policy. */
  public Directives with(CachePolicy other) {
    return other == policy ? this : new Directives(noCache, maxAge, onlyIfCached, other);
  }

  /** The same, answered from the cache or not at all. */
  public Directives cachedOnly() {
    return new Directives(noCache, maxAge, true, policy);
  }

  /** The same, with an answer of its own. */
  public Directives anew() {
    return new Directives(true, maxAge, false, policy);
  }

  /** Whether an answer made at {@code storedAt} may be served at {@code now}, both epoch millis. */
  public boolean accept(long storedAt, long now) {
    return !noCache && (maxAge == Long.MAX_VALUE || now - storedAt <= maxAge * 1000);
  }
}
