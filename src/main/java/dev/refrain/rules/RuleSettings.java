package dev.refrain.rules;

import dev.refrain.inference.CachePolicy;
import dev.refrain.inference.Glob;
import dev.refrain.rules.Conditions.Presence;
import dev.refrain.rules.Rule.Caching;
import dev.refrain.settings.Check;
import dev.refrain.settings.ExpectedType;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Section {@code cache.rules[]}: which calls are stored. The first rule that applies decides.
 *
 * @param name in {@code Cache-Status} and metrics
 * @param when conditions, all of which must hold
 * @param cache whether answers are stored; null is as by default
 * @param ttl how long they are fresh; null is as by default
 * @param namespace the part of a scope that they are stored in; empty is the common one
 * @param samples how many answers equal requests take turns with that are not deterministic; null
 *     is one
 */
public record RuleSettings(
    String name, When when, Caching cache, Duration ttl, String namespace, Integer samples) {
  private static final int MOST = 64;
  private static final String NAME = "[A-Za-z][A-Za-z0-9._-]{0,63}";
  private static final String NAMESPACE = "[A-Za-z0-9._-]{0,64}";
  private static final String NAMED =
      "a letter and up to 63 letters, digits, '.', '_' or '-'; not default";

  /** Checks the values. */
  public RuleSettings {
    Check.name("name", name, NAME, NAMED);
    Check.that(!name.equals("default"), "name", NAMED);
    when = when == null ? When.NONE : when;
    if (ttl != null) {
      Check.duration("ttl", ttl, Duration.ofDays(365));
    }
    namespace = namespace == null ? "" : namespace;
    Check.name("namespace", namespace, NAMESPACE, "1 to 64 letters, digits, '.', '_' or '-'");
    if (samples != null) {
      Check.range("samples", samples, 1, 1024);
      Check.that(cache != Caching.OFF, "samples", "none beside cache: off, which stores nothing");
    }
  }

  /** The rule. */
  Rule rule() {
    long millis = ttl == null ? 0 : ttl.toMillis();
    CachePolicy policy = new CachePolicy(name, millis, namespace);
    return new Rule(when.conditions(), cache, policy, samples == null ? 0 : samples);
  }

  /**
   * Conditions; what is empty or null is none.
   *
   * @param endpoint globs of the path or the label of the endpoint
   * @param model globs
   * @param temperature null is no condition
   * @param seed null is no condition
   * @param header globs of values by names of request header fields
   * @param tenant globs of the tenant of the caller's key
   */
  public record When(
      List<String> endpoint,
      List<String> model,
      Temperature temperature,
      Presence seed,
      Map<String, String> header,
      List<String> tenant) {
    private static final When NONE = new When(null, null, null, null, null, null);

    /** Checks the globs. */
    public When {
      endpoint = Check.texts("endpoint", endpoint);
      model = Check.texts("model", model);
      header = Check.texts("header", header);
      header.keySet().forEach(field -> Check.headerName("header." + field, field));
      tenant = Check.texts("tenant", tenant);
    }

    private Conditions conditions() {
      Temperature given = temperature == null ? Temperature.ANY : temperature;
      return new Conditions(
          globs(endpoint),
          globs(model),
          given.presence(),
          given.atMost(),
          seed,
          header.entrySet().stream()
              .map(entry -> new Conditions.Header(entry.getKey(), new Glob(entry.getValue())))
              .toList(),
          globs(tenant));
    }

    private static List<Glob> globs(List<String> patterns) {
      return patterns.stream().map(Glob::new).toList();
    }
  }

  /**
   * Condition on the temperature.
   *
   * @param presence whether it must be given
   * @param atMost its highest value, or null
   */
  @ExpectedType.Form("absent, present or {atMost: a number from 0 to 1000}")
  public record Temperature(Presence presence, BigDecimal atMost) {
    /** It is not given. */
    public static final Temperature ABSENT = new Temperature(Presence.ABSENT, null);

    /** It is given. */
    public static final Temperature PRESENT = new Temperature(Presence.PRESENT, null);

    private static final Temperature ANY = new Temperature(null, null);
    private static final BigDecimal HIGHEST = BigDecimal.valueOf(1000);

    /** It is given, and not above this. */
    public static Temperature atMost(BigDecimal bound) {
      return new Temperature(Presence.PRESENT, bound);
    }

    /** Whether a number can be a bound. */
    public static boolean isBound(BigDecimal number) {
      return number.signum() >= 0 && number.compareTo(HIGHEST) <= 0;
    }
  }

  /** A copy of the list, of which no two have a name in common; none for null. */
  public static List<RuleSettings> distinct(List<RuleSettings> rules) {
    if (rules == null) {
      return List.of();
    }
    Check.that(rules.size() <= MOST, "rules", "at most " + MOST + " rules");
    Set<String> names = new HashSet<>();
    for (int i = 0; i < rules.size(); i++) {
      Check.that(rules.get(i) != null, "rules[" + i + "]", "a section of keys");
      Check.that(names.add(rules.get(i).name()), "rules[" + i + "].name", "a name of its own");
    }
    return List.copyOf(rules);
  }
}
