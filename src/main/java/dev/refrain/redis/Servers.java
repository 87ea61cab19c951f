package dev.refrain.redis;

import java.net.URI;
import java.util.List;
import java.util.Set;

/** Which servers Redis is, and how they are entered. */
public sealed interface Servers {
  /** Credentials. Both texts may be empty. Prints neither. */
  record Login(String user, String password) {
    @Override
    public String toString() {
      return "Login[***]";
    }
  }

  /**
   * One server.
   *
   * @param url {@code redis://[[user]:password@]host[:port][/database]}, {@code rediss://} with
   *     TLS, or {@code unix://}
   */
  record Single(String url) implements Servers {
    private static final Set<String> SCHEMES = Set.of("redis", "rediss", "unix");

    /**
     * Checks the scheme.
     *
     * @throws IllegalArgumentException if it is another; the URL is not repeated, since it may hold
     *     a password
     */
    public Single {
      if (!SCHEMES.contains(scheme(url))) {
        throw new IllegalArgumentException("redis url (expected: redis://, rediss:// or unix://)");
      }
    }

    @Override
    public String toString() {
      return "Single[***]";
    }
  }

  /**
   * The master among servers that sentinels watch.
   *
   * @param sentinels their addresses; asked in turn
   * @param own how they are entered
   * @param master the name they know the master by
   * @param login how the master is entered
   * @param database its number
   * @param tls whether connections are encrypted, to the master as to sentinels
   */
  record Watched(
      List<Endpoint> sentinels, Login own, String master, Login login, int database, boolean tls)
      implements Servers {}

  /**
   * The masters of a cluster.
   *
   * @param seeds some of its servers; the others are learned from them
   * @param login how each is entered
   * @param tls whether connections are encrypted
   */
  record Cluster(List<Endpoint> seeds, Login login, boolean tls) implements Servers {}

  private static String scheme(String url) {
    try {
      return String.valueOf(URI.create(url).getScheme());
    } catch (IllegalArgumentException unparsable) {
      return "";
    }
  }
}
