package dev.refrain.config;

/**
 * The SHA-256 of a key's secret, and the source it was read from. The secret itself is forgotten as
 * soon as that is known.
 *
 * @param env the variable of the environment that holds it; empty if it came otherwise
 * @param file the file that holds it; empty if it came otherwise
 * @param sha256 64 lower-case hexadecimal digits
 */
public record KeySecret(String env, String file, String sha256) {
  static final String EXPECTED =
      "the secret as text, or one of env, file and sha256 to say where it is";

  /** Checks that it is known. */
  public KeySecret {
    env = env == null ? "" : env;
    file = Check.file(file);
    Check.name("sha256", sha256, "[0-9a-f]{64}", "64 hexadecimal digits");
  }

  /** Never shows the digest. */
  @Override
  public String toString() {
    return "***";
  }
}
