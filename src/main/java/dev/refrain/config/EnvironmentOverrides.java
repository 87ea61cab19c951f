package dev.refrain.config;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;

/**
 * The environment's say, over that of the file, and that of the command line over both. An empty
 * variable counts as not set. Options stand among the variables, under names that none can have.
 */
final class EnvironmentOverrides {
  static final String CONFIG = "REFRAIN_CONFIG";
  static final String PORT = "REFRAIN_PORT";
  static final String MANAGEMENT_HOST = "REFRAIN_MANAGEMENT_HOST";
  static final String MANAGEMENT_PORT = "REFRAIN_MANAGEMENT_PORT";
  static final String MANAGEMENT_TOKEN = "REFRAIN_MANAGEMENT_TOKEN";
  static final String UPSTREAM_URL = "REFRAIN_UPSTREAM_URL";
  static final String UPSTREAM_API_KEY = "REFRAIN_UPSTREAM_API_KEY";
  static final String DISK_PATH = "REFRAIN_CACHE_DISK_PATH";
  static final String REDIS_URL = "REFRAIN_REDIS_URL";
  static final String REDIS_PASSWORD = "REFRAIN_REDIS_PASSWORD";
  static final String SENTINEL_PASSWORD = "REFRAIN_SENTINEL_PASSWORD";

  /** Options of {@code serve}, by which errors name them. */
  static final String UPSTREAM_OPTION = "--upstream";

  static final String PORT_OPTION = "--port";

  private final Map<String, String> variables;
  private final ValueOrigins valueOrigins;

  EnvironmentOverrides(Map<String, String> variables, ValueOrigins valueOrigins) {
    this.variables = variables;
    this.valueOrigins = valueOrigins;
  }

  static Optional<String> get(Map<String, String> variables, String name) {
    return Optional.ofNullable(variables.get(name)).filter(value -> !value.isEmpty());
  }

  /** Sets what the variables say in the user's tree, before the defaults are laid under it. */
  void over(ObjectNode user) {
    get(variables, PORT).ifPresent(port -> setPort(user, "server", port, PORT));
    get(variables, PORT_OPTION).ifPresent(port -> setPort(user, "server", port, PORT_OPTION));
    get(variables, MANAGEMENT_PORT)
        .ifPresent(port -> setPort(user, "management", port, MANAGEMENT_PORT));
    get(variables, DISK_PATH).ifPresent(path -> setDisk(user, path));
    get(variables, MANAGEMENT_HOST)
        .ifPresent(host -> setManagement(user, "host", host, MANAGEMENT_HOST));
    get(variables, MANAGEMENT_TOKEN)
        .ifPresent(token -> setManagement(user, "token", token, MANAGEMENT_TOKEN));
    get(variables, REDIS_URL).ifPresent(url -> setRedis(user, "url", url, REDIS_URL));
    get(variables, REDIS_PASSWORD)
        .ifPresent(password -> setRedis(user, "password", password, REDIS_PASSWORD));
    get(variables, SENTINEL_PASSWORD).ifPresent(password -> setSentinel(user, password));
    get(variables, UPSTREAM_URL).ifPresent(url -> setUpstream(user, "url", url, UPSTREAM_URL));
    get(variables, UPSTREAM_OPTION)
        .ifPresent(url -> setUpstream(user, "url", url, UPSTREAM_OPTION));
    get(variables, UPSTREAM_API_KEY)
        .ifPresent(key -> setUpstream(user, "apiKey", key, UPSTREAM_API_KEY));
  }

  private void setPort(ObjectNode user, String section, String port, String variable) {
    // A text stays one, and is then refused where all wrong types are.
    if (port.matches("-?\\d{1,9}")) {
      section(user, section).put("port", Integer.parseInt(port));
    } else {
      section(user, section).put("port", port);
    }
    valueOrigins.set(section + ".port", variable);
  }

  private void setManagement(ObjectNode user, String key, String value, String variable) {
    section(user, "management").put(key, value);
    valueOrigins.set("management." + key, variable);
  }

  private void setDisk(ObjectNode user, String path) {
    section(section(user, "cache"), "disk").put("path", path);
    valueOrigins.set("cache.disk.path", DISK_PATH);
  }

  private void setRedis(ObjectNode user, String key, String value, String variable) {
    section(section(user, "cache"), "redis").put(key, value);
    valueOrigins.set("cache.redis." + key, variable);
  }

  private void setSentinel(ObjectNode user, String password) {
    ObjectNode redis = section(section(user, "cache"), "redis");
    section(redis, "sentinel").put("password", password);
    valueOrigins.set("cache.redis.sentinel.password", SENTINEL_PASSWORD);
  }

  private void setUpstream(ObjectNode user, String key, String value, String variable) {
    ArrayNode upstreams =
        user.get("upstreams") instanceof ArrayNode list ? list : user.putArray("upstreams");
    if (upstreams.isEmpty()) {
      upstreams.addObject();
    }
    if (upstreams.size() > 1) {
      throw ConfigError.of(
          variable,
          "upstreams",
          "a list of " + upstreams.size(),
          "one upstream to set " + key + " of");
    }
    if (upstreams.get(0) instanceof ObjectNode upstream) {
      upstream.put(key, value);
      valueOrigins.set("upstreams[0]." + key, variable);
    }
  }

  // Any other value there is invalid, and is ignored once a variable overrides it.
  private static ObjectNode section(ObjectNode parent, String key) {
    return parent.get(key) instanceof ObjectNode section ? section : parent.putObject(key);
  }
}
