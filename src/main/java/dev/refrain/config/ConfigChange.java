package dev.refrain.config;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Effect of a new configuration on a running process: the keys that change now and those that wait
 * for the next start. The ports, the disk, the connections to Redis, tracing and logging are
 * created once. All other changes take effect.
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
    pending.addAll(ConfigDiff.of("cache.disk", running.cache().disk(), wanted.cache().disk()));
    pending.addAll(ConfigDiff.of("cache.redis", running.cache().redis(), wanted.cache().redis()));
    pending.addAll(ConfigDiff.of("tracing", running.tracing(), wanted.tracing()));
    pending.addAll(ConfigDiff.of("logging", running.logging(), wanted.logging()));
    Config config = wanted.withLastingOf(running);
    return new ConfigChange(config, ConfigDiff.of("", running, config), pending);
  }

  /** Paths of the keys in which two configurations differ, without their values. */
  private static final class ConfigDiff {
    private final List<String> paths = new ArrayList<>();

    private ConfigDiff() {}

    /** The keys of two sections of the same kind whose values differ, in the order of the file. */
    static List<String> of(String path, Record before, Record after) {
      ConfigDiff configDiff = new ConfigDiff();
      configDiff.compare(path, before, after);
      return configDiff.paths;
    }

    private void compare(String path, Object before, Object after) {
      if (Objects.equals(before, after)) {
        return;
      }
      if (before instanceof Record one && after instanceof Record other) {
        components(path, one, other);
      } else if (before instanceof List<?> one
          && after instanceof List<?> other
          && one.size() == other.size()) {
        for (int i = 0; i < one.size(); i++) {
          compare(path + "[" + i + "]", one.get(i), other.get(i));
        }
      } else {
        paths.add(path);
      }
    }

    private void components(String path, Record before, Record after) {
      for (RecordComponent component : before.getClass().getRecordComponents()) {
        compare(
            ConfigTree.join(path, component.getName()),
            value(component, before),
            value(component, after));
      }
    }

    private static Object value(RecordComponent component, Record of) {
      try {
        return component.getAccessor().invoke(of);
      } catch (IllegalAccessException | InvocationTargetException impossible) {
        throw new IllegalStateException(impossible); // they are public, and return a field
      }
    }
  }
}
