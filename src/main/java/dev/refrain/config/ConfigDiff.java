package dev.refrain.config;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Paths of the keys in which two configurations differ, without their values. */
final class ConfigDiff {
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
