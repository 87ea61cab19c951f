package dev.refrain.flight.fleet;

import dev.refrain.completion.Fingerprint;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * One call as Redis knows it. All its keys share a hash tag, and so a slot of a cluster.
 *
 * @param token who leads; in the name of the stream it is the fence: nobody reads what a leader
 *     whose lease is lost may still write
 * @param lease the key that holds the leader's token
 * @param stream the key of what is told
 */
record Voyage(Fingerprint fingerprint, String token, String lease, String stream) {
  private static final Pattern TOKEN = Pattern.compile("[0-9a-f]{32}");

  /** A call that this replica would lead. */
  static Voyage led(String prefix, Fingerprint fingerprint) {
    return of(prefix, fingerprint, UUID.randomUUID().toString().replace("-", ""));
  }

  /** The same call under another leader. */
  Voyage ledBy(String other) {
    String base = lease.substring(0, lease.indexOf('}') + 2);
    return new Voyage(fingerprint, other, lease, base + other);
  }

  /** Whether this can be a token; else somebody else writes under our keys. */
  static boolean isToken(String text) {
    return TOKEN.matcher(text).matches();
  }

  private static Voyage of(String prefix, Fingerprint fingerprint, String token) {
    String base = prefix + ":" + ItemCodec.VERSION + ":{" + fingerprint + "}:";
    return new Voyage(fingerprint, token, base + "lease", base + token);
  }
}
