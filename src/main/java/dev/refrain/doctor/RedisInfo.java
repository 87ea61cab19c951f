package dev.refrain.doctor;

import io.vertx.redis.client.Response;
import java.util.HashMap;
import java.util.Map;

/** The reply to {@code INFO}: lines of {@code name:value}. */
record RedisInfo(Map<String, String> fields) {
  static RedisInfo of(Response reply) {
    Map<String, String> fields = new HashMap<>();
    reply
        .toString()
        .lines()
        .filter(line -> line.indexOf(':') > 0)
        .forEach(
            line ->
                fields.put(
                    line.substring(0, line.indexOf(':')),
                    line.substring(line.indexOf(':') + 1).trim()));
    return new RedisInfo(fields);
  }

  /** The value of this name, or an empty text. */
  String get(String name) {
    return fields.getOrDefault(name, "");
  }

  /** Whether a version such as {@code 7.0.15} is this one or a later one. */
  static boolean isAtLeast(String version, int major, int minor) {
    String[] parts = version.split("\\.");
    try {
      int first = Integer.parseInt(parts[0]);
      return first > major
          || first == major && parts.length > 1 && Integer.parseInt(parts[1]) >= minor;
    } catch (NumberFormatException strange) {
      return false;
    }
  }
}
