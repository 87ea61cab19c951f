package dev.refrain.config;

/**
 * An invalid configuration, described in one line: origin (file or environment variable), path of
 * the key, value found and value expected. Carries no stack trace and no secret.
 */
public final class ConfigError extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int LONGEST_VALUE = 80;

  /** An error with this message, which is brought to one line. */
  public ConfigError(String message) {
    super(oneLine(message), null, false, false);
  }

  static ConfigError of(String origin, String path, String found, String expected) {
    String key = path.isEmpty() ? "" : path + ": ";
    return new ConfigError(
        origin + ": " + key + shortened(Redaction.text(found)) + " (expected: " + expected + ")");
  }

  private static String shortened(String found) {
    return found.length() <= LONGEST_VALUE ? found : found.substring(0, LONGEST_VALUE) + "…";
  }

  private static String oneLine(String message) {
    return message.replaceAll("\\p{Cntrl}+", " ");
  }
}
