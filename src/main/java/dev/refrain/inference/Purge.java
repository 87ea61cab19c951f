package dev.refrain.inference;

import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/** Selects the stored answers that must not be served any more. */
public sealed interface Purge {
  /** Every answer. */
  Purge ALL = new Everything();

  /** Criterion of a purge; also the label in metrics. */
  enum By {
    /** Nothing: all of them. */
    ALL,
    /** The model asked for. */
    MODEL,
    /** The scope: a hash of the caller. */
    SCOPE,
    /** The namespace, in every scope. */
    NAMESPACE,
    /** The fingerprint: one answer. */
    FINGERPRINT;

    /** The value in metrics and documents. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The values that select entries. */
  By by();

  /** The choice as text, such as {@link #of} reads. */
  String value();

  /**
   * Whether it chooses this answer.
   *
   * @param key the request and its scope
   * @param model as requested
   */
  boolean concerns(Sharing.Shareable key, String model);

  /** Every answer. */
  record Everything() implements Purge {
    @Override
    public By by() {
      return By.ALL;
    }

    @Override
    public String value() {
      return "true";
    }

    @Override
    public boolean concerns(Sharing.Shareable key, String asked) {
      return true;
    }
  }

  /** The answers of one model, by its requested name. */
  record OfModel(String model) implements Purge {
    @Override
    public By by() {
      return By.MODEL;
    }

    @Override
    public String value() {
      return model;
    }

    @Override
    public boolean concerns(Sharing.Shareable key, String asked) {
      return asked.equals(model);
    }
  }

  /** The answers to one caller. */
  record OfScope(long scope) implements Purge {
    @Override
    public By by() {
      return By.SCOPE;
    }

    @Override
    public String value() {
      return HexFormat.of().toHexDigits(scope);
    }

    @Override
    public boolean concerns(Sharing.Shareable key, String model) {
      return key.scope() == scope;
    }
  }

  /** The answers in one namespace, of all scopes. */
  record OfNamespace(String namespace) implements Purge {
    @Override
    public By by() {
      return By.NAMESPACE;
    }

    @Override
    public String value() {
      return namespace;
    }

    @Override
    public boolean concerns(Sharing.Shareable key, String model) {
      return key.namespace().equals(namespace);
    }
  }

  /** One answer. */
  record OfFingerprint(Fingerprint fingerprint) implements Purge {
    @Override
    public By by() {
      return By.FINGERPRINT;
    }

    @Override
    public String value() {
      return fingerprint.toString();
    }

    @Override
    public boolean concerns(Sharing.Shareable key, String model) {
      return key.fingerprint().equals(fingerprint);
    }
  }

  /** The purge that this text chooses; empty if it chooses nothing. */
  static Optional<Purge> of(By by, String value) {
    return switch (by) {
      case ALL -> value.equals("true") ? Optional.of(ALL) : Optional.empty();
      case MODEL -> value.isBlank() ? Optional.empty() : Optional.of(new OfModel(value));
      case SCOPE ->
          value.matches("[0-9a-f]{16}")
              ? Optional.of(new OfScope(HexFormat.fromHexDigitsToLong(value)))
              : Optional.empty();
      case NAMESPACE ->
          value.matches(Namespace.PATTERN) ? Optional.of(new OfNamespace(value)) : Optional.empty();
      case FINGERPRINT ->
          value.matches("[0-9a-f]{64}")
              ? Optional.of(new OfFingerprint(Fingerprint.of(HexFormat.of().parseHex(value))))
              : Optional.empty();
    };
  }

  /** Names of parts of a caller's scope. */
  static final class Namespace {
    /** The form of a name, as a regular expression. */
    public static final String PATTERN = "[A-Za-z0-9._-]{1,64}";

    /** The same in words. */
    public static final String EXPECTED = "1 to 64 letters, digits, '.', '_' or '-'";

    private Namespace() {}
  }
}
