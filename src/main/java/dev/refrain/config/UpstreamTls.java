package dev.refrain.config;

/**
 * TLS towards an https upstream: PEM files, empty for none.
 *
 * @param ca who vouches for it, instead of the authorities of the platform
 * @param cert our certificate, and what leads from it to its root
 * @param key its private key
 * @param serverName the name it is asked for and must prove, instead of the host of the URL
 * @param verify how much of its certificate is checked
 */
public record UpstreamTls(String ca, String cert, String key, String serverName, Verify verify) {
  /** Checks that there is a whole identity, or none. */
  public UpstreamTls {
    ca = Check.file(ca);
    cert = Check.file(cert);
    key = Check.file(key);
    serverName = Check.file(serverName);
    Check.pair(cert, key);
    Check.name("serverName", serverName, "[A-Za-z0-9._:-]{0,253}", "a host name, or empty");
    Check.that(verify != null, "verify", ExpectedType.of(Verify.class));
  }

  /** How much of a server certificate is verified. */
  public enum Verify {
    /** Who signed it, that it is valid today, and that it is for the name asked for. */
    FULL,
    /** All but the name. */
    CHAIN,
    /** Nothing. */
    NONE
  }
}
