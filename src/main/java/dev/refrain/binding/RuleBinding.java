package dev.refrain.binding;

import dev.refrain.config.CacheConfig;
import dev.refrain.config.RuleConfig;
import dev.refrain.inference.CachePolicy;
import dev.refrain.inference.Glob;
import dev.refrain.rules.Conditions;
import dev.refrain.rules.Conditions.Presence;
import dev.refrain.rules.Rule;
import dev.refrain.rules.Rule.Caching;
import dev.refrain.rules.Rules;
import java.util.List;

/** Maps the configuration of rules to those of {@code rules}. */
public final class RuleBinding {
  private RuleBinding() {}

  /** The rules of a configuration. */
  public static Rules rules(CacheConfig cache) {
    return new Rules(
        cache.rules().stream().map(RuleBinding::rule).toList(), cache.ttl().toMillis());
  }

  private static Rule rule(RuleConfig rule) {
    long ttl = rule.ttl() == null ? 0 : rule.ttl().toMillis();
    CachePolicy policy = new CachePolicy(rule.name(), ttl, rule.namespace());
    int samples = rule.samples() == null ? 0 : rule.samples();
    return new Rule(conditions(rule.when()), caching(rule.cache()), policy, samples);
  }

  private static Caching caching(RuleConfig.Switch cache) {
    if (cache == null) {
      return Caching.BY_DEFAULT;
    }
    return cache == RuleConfig.Switch.ON ? Caching.ON : Caching.OFF;
  }

  private static Conditions conditions(RuleConfig.When when) {
    RuleConfig.Temperature temperature = when.temperature();
    return new Conditions(
        globs(when.endpoint()),
        globs(when.model()),
        presence(temperature == null ? null : temperature.presence()),
        temperature == null ? null : temperature.atMost(),
        presence(when.seed()),
        when.header().entrySet().stream()
            .map(entry -> new Conditions.Header(entry.getKey(), new Glob(entry.getValue())))
            .toList(),
        globs(when.tenant()));
  }

  private static Presence presence(RuleConfig.Presence presence) {
    return presence == null ? Presence.ANY : Presence.valueOf(presence.name());
  }

  private static List<Glob> globs(List<String> patterns) {
    return patterns.stream().map(Glob::new).toList();
  }
}
