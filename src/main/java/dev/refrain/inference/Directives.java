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

  /** The same, under another policy. */
  public Directives with(CachePolicy other) {
    return other == policy ? this : new Directives(noCache, maxAge, onlyIfCached, other);
  }

  /** The same, answered from the cache or not at all. */
  public Directives cachedOnly() {
    return new Directives(noCache, maxAge, true, policy);
  }

  /** The same, asked anew. */
  public Directives anew() {
    return new Directives(true, maxAge, false, policy);
  }

  /** Whether an answer made at {@code storedAt} may be served at {@code now}, both epoch millis. */
  public boolean accept(long storedAt, long now) {
    return !noCache && (maxAge == Long.MAX_VALUE || now - storedAt <= maxAge * 1000);
  }
}
