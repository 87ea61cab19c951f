package dev.refrain.flight.fleet;

import dev.refrain.inference.Fingerprint;
import java.util.HexFormat;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * One call as it is stored in Redis. All its keys share a hash tag, and so a slot of a cluster.
 *
 * @param token who leads; in the name of the stream it is a fencing token: followers do not read
 *     what a leader writes after losing its lease. It contains the leader's start time, by the
 *     leader's clock
 * @param lease the key that holds the leader's token
 * @param stream the key of the published messages
 */
record FleetFlight(Fingerprint fingerprint, String token, String lease, String stream) {
  private static final int TIME = 12;
  private static final Pattern TOKEN = Pattern.compile("[0-9a-f]{32}");

  /**
   * A call that this replica would lead.
   *
   * @param generation calls of different ones know nothing of each other; 0 or more
   * @param now when it begins, in milliseconds of the epoch
   */
  static FleetFlight led(String prefix, Fingerprint fingerprint, long generation, long now) {
    String base = prefix + ":" + FleetMessageCodec.VERSION + ":{" + fingerprint + "}:";
    String own = generation == 0 ? base : base + generation + ":";
    String token = token(now);
    return new FleetFlight(fingerprint, token, own + "lease", own + token);
  }

  // As in UUIDs of version 7 (RFC 9562 §5.7) the first 48 bits are the time, the rest is chance.
  private static String token(long now) {
    String random = UUID.randomUUID().toString().replace("-", "");
    return HexFormat.of().toHexDigits(now, TIME) + random.substring(TIME);
  }

  /** When the leader began, in milliseconds of the epoch and by its clock. */
  long begin() {
    return HexFormat.fromHexDigitsToLong(token, 0, TIME);
  }

  /** The same call under another leader. */
  FleetFlight ledBy(String other) {
    String base = lease.substring(0, lease.lastIndexOf(':') + 1);
    return new FleetFlight(fingerprint, other, lease, base + other);
  }

  /** Whether this can be a token. Otherwise another program writes to these keys. */
  static boolean isToken(String text) {
    return TOKEN.matcher(text).matches();
  }
}
