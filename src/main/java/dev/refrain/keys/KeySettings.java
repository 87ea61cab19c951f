package dev.refrain.keys;

import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.Glob;
import dev.refrain.settings.Check;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * One of Refrain's own keys.
 *
 * @param name in metrics and logs
 * @param secret the secret that callers present
 * @param tenant keys of one tenant share answers; the name if none is given
 * @param models globs of the models it may ask for; empty is all
 * @param requestsPerMinute a minute; 0 is no limit
 * @param tokensPerMinute of the upstream's, a minute; 0 is no limit
 * @param concurrency requests at once; 0 is no limit
 * @param tenantConcurrency requests at once of all keys of the tenant; 0 is no limit, and of
 *     several the lowest counts
 * @param budget money a day and a month
 */
public record KeySettings(
    String name,
    KeySecret secret,
    String tenant,
    List<String> models,
    int requestsPerMinute,
    int tokensPerMinute,
    int concurrency,
    int tenantConcurrency,
    BudgetSettings budget) {
  private static final String NAME = "[a-z0-9-]{1,40}";
  private static final String NAMED = "1 to 40 of a to z, 0 to 9 and '-'";
  private static final int MOST = 10_000;
  private static final int LARGEST = 1_000_000_000;

  /** Checks the ranges. */
  public KeySettings {
    Check.name("name", name, NAME, NAMED);
    Check.that(secret != null, "secret", KeySecret.EXPECTED);
    tenant = tenant == null || tenant.isEmpty() ? name : tenant;
    Check.name("tenant", tenant, NAME, NAMED + "; or empty, which is the name");
    models = Check.texts("models", models);
    Check.range("requestsPerMinute", requestsPerMinute, 0, LARGEST);
    Check.range("tokensPerMinute", tokensPerMinute, 0, LARGEST);
    Check.range("concurrency", concurrency, 0, 65_536);
    Check.range("tenantConcurrency", tenantConcurrency, 0, 65_536);
    budget = budget == null ? BudgetSettings.NONE : budget;
  }

  /**
   * Money that the upstream calls of a key may cost, in the currency of the prices.
   *
   * @param day from midnight to midnight, UTC; 0 is no limit
   * @param month a calendar month, UTC; 0 is no limit
   */
  public record BudgetSettings(double day, double month) {
    /** No limit. */
    public static final BudgetSettings NONE = new BudgetSettings(0, 0);

    /** Checks the ranges. */
    public BudgetSettings {
      Check.range("day", day, 0, LARGEST);
      Check.range("month", month, 0, LARGEST);
    }

    /** Whether there is a limit. */
    public boolean isLimited() {
      return day > 0 || month > 0;
    }
  }

  /** Whether it may ask for this model. */
  public boolean opens(String model) {
    return models.isEmpty() || models.stream().anyMatch(glob -> new Glob(glob).matches(model));
  }

  /** A copy of the list, of which no two have a name or a secret in common; none for null. */
  public static List<KeySettings> distinct(List<KeySettings> keys) {
    if (keys == null) {
      return List.of();
    }
    Check.that(keys.size() <= MOST, "keys", "at most " + MOST + " keys");
    Map<String, Integer> names = new HashMap<>();
    Map<String, Integer> secrets = new HashMap<>();
    for (int i = 0; i < keys.size(); i++) {
      KeySettings key = keys.get(i);
      Check.that(key != null, "keys[" + i + "]", "a section of keys");
      Integer namesake = names.putIfAbsent(key.name, i);
      Check.that(
          namesake == null,
          "keys[" + i + "].name",
          "a name of its own; keys[" + namesake + "] has it");
      Integer other = secrets.putIfAbsent(key.secret.sha256(), i);
      Check.that(
          other == null,
          "keys[" + i + "].secret",
          other == null ? "" : "another one for " + key.name + " than for " + keys.get(other).name);
    }
    return List.copyOf(keys);
  }

  /**
   * The SHA-256 of a key's secret, and the source it was read from. The secret itself is forgotten
   * as soon as that is known.
   *
   * @param env the variable of the environment that holds it; empty if it came otherwise
   * @param file the file that holds it; empty if it came otherwise
   * @param sha256 64 lower-case hexadecimal digits
   */
  public record KeySecret(String env, String file, String sha256) {
    public static final String EXPECTED =
        "the secret as text, or one of env, file and sha256 to say where it is";

    /** Checks that it is known. */
    public KeySecret {
      env = env == null ? "" : env;
      file = Check.file(file);
      Check.name("sha256", sha256, "[0-9a-f]{64}", "64 hexadecimal digits");
    }

    Fingerprint fingerprint() {
      return Fingerprint.of(HexFormat.of().parseHex(sha256));
    }

    /** Never shows the digest. */
    @Override
    public String toString() {
      return "***";
    }
  }
}
