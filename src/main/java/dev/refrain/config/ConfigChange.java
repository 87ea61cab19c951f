package dev.refrain.config;

import java.util.ArrayList;
import java.util.List;

/**
 * Effect of a new configuration on a running process: the keys that change now and those that wait
 * for the next start. The ports, the connections to Redis, tracing and logging are created once.
 * All other changes take effect.
 *
 * @param config the new one, with the old values where those have to stay
 * @param changed paths of the keys that differ from before and are taken up; never their values
 * @param pending paths of the keys that differ and wait for the next start
 */
public record ConfigChange(Config config, List<String> changed, List<String> pending) {
  /** Copies what it is given. */
  public ConfigChange {
    changed = List.copyOf(changed);
    pending = List.copyOf(pending);
  }

  /**
   * From one to the other.
   *
   * @param running what the process runs with
   * @param wanted what the file says now
   */
  public static ConfigChange of(Config running, Config wanted) {
    List<String> pending = new ArrayList<>();
    pending.addAll(ConfigDiff.of("server", running.server(), wanted.server()));
    pending.addAll(ConfigDiff.of("management", running.management(), wanted.management()));
    pending.addAll(ConfigDiff.of("cache.redis", running.cache().redis(), wanted.cache().redis()));
    pending.addAll(ConfigDiff.of("tracing", running.tracing(), wanted.tracing()));
    pending.addAll(ConfigDiff.of("logging", running.logging(), wanted.logging()));
    Config config = wanted.withLastingOf(running);
    return new ConfigChange(config, ConfigDiff.of("", running, config), pending);
  }
}
