package dev.refrain.config;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.databind.JsonNode;
import dev.refrain.settings.Check;
import dev.refrain.settings.ExpectedType;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
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
public record RuleConfig(
    String name, When when, Switch cache, Duration ttl, String namespace, Integer samples) {
  private static final int MOST = 64;
  private static final String NAME = "[A-Za-z][A-Za-z0-9._-]{0,63}";
  private static final String NAMESPACE = "[A-Za-z0-9._-]{0,64}";
  private static final String NAMED =
      "a letter and up to 63 letters, digits, '.', '_' or '-'; not default";

  /** Checks the values. */
  public RuleConfig {
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
      Check.that(cache != Switch.OFF, "samples", "none beside cache: off, which stores nothing");
    }
  }

  /** Whether answers are stored. */
  public enum Switch {
    /** At any temperature. */
    ON,
    /** Never. */
    OFF
  }

  /** Whether a field is given. */
  public enum Presence {
    /** It is. */
    PRESENT,
    /** It is not, or null. */
    ABSENT
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
  }

  /**
   * Condition on the temperature.
   *
   * @param presence whether it must be given
   * @param atMost its highest value, or null
   */
  @ExpectedType.Form("absent, present or {atMost: a number from 0 to 1000}")
  public record Temperature(Presence presence, BigDecimal atMost) {
    private static final BigDecimal HIGHEST = BigDecimal.valueOf(1000);

    /**
     * Reads {@code absent}, {@code present} or {@code {atMost: 0.2}}.
     *
     * @throws IllegalArgumentException if it is none of these
     */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static Temperature of(JsonNode node) {
      if (node.isTextual()) {
        return new Temperature(Presence.valueOf(node.textValue().toUpperCase(Locale.ROOT)), null);
      }
      JsonNode atMost = node.path("atMost");
      BigDecimal value = atMost.isNumber() ? atMost.decimalValue() : HIGHEST.negate();
      if (node.size() != 1 || value.signum() < 0 || value.compareTo(HIGHEST) > 0) {
        throw new IllegalArgumentException("not a condition on the temperature");
      }
      return new Temperature(Presence.PRESENT, value);
    }
  }

  /** A copy of the list, of which no two have a name in common; none for null. */
  static List<RuleConfig> distinct(List<RuleConfig> rules) {
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
