package dev.refrain.settings;

import dev.refrain.address.Authority;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** The ranges of values; each method throws {@link InvalidValue} with the key's name. */
public final class Check {
  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final String PROVABLE = "with rediss://, a host name without '_'";
  private static final Pattern HEADER = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}");

  /** Fields that say where a message ends or how it is to be read. */
  private static final List<String> FRAMING =
      List.of("connection", "content-length", "content-type", "host", "transfer-encoding");

  private Check() {}

  public static void that(boolean valid, String key, String expected) {
    if (!valid) {
      throw new InvalidValue(key, expected);
    }
  }

  public static void text(String key, String value) {
    that(value != null && !value.isBlank(), key, "text that is not empty");
  }

  public static void name(String key, String value, String pattern, String expected) {
    that(value != null && value.matches(pattern), key, expected);
  }

  /** A copy of the list; none for null. */
  public static List<String> texts(String key, List<String> values) {
    if (values == null) {
      return List.of();
    }
    for (int i = 0; i < values.size(); i++) {
      text(key + "[" + i + "]", values.get(i));
    }
    return List.copyOf(values);
  }

  /** A copy of the map; none for null. */
  public static Map<String, String> texts(String key, Map<String, String> values) {
    if (values == null) {
      return Map.of();
    }
    values.forEach((name, value) -> text(key + "." + name, value));
    return Map.copyOf(values);
  }

  public static void port(String key, int value) {
    range(key, value, 0, 65_535);
  }

  public static void range(String key, int value, int least, int most) {
    that(value >= least && value <= most, key, "a whole number from " + least + " to " + most);
  }

  public static void range(String key, double value, int least, int most) {
    // Not a number fails both comparisons.
    that(value >= least && value <= most, key, "a number from " + least + " to " + most);
  }

  public static void duration(String key, Duration value, Duration longest) {
    that(
        value != null && value.compareTo(SHORTEST) >= 0 && value.compareTo(longest) <= 0,
        key,
        "a duration from 1ms to " + written(longest));
  }

  public static void durationOrNone(String key, Duration value, Duration longest) {
    that(
        value != null && !value.isNegative() && value.compareTo(longest) <= 0,
        key,
        "a duration from 0s to " + written(longest));
  }

  /** As it would be written in the file, in the largest unit that keeps it whole. */
  public static String written(Duration duration) {
    if (duration.toMillis() % 1000 != 0) {
      return duration.toMillis() + "ms";
    }
    if (duration.toSeconds() % 60 != 0) {
      return duration.toSeconds() + "s";
    }
    if (duration.toMinutes() % 60 != 0) {
      return duration.toMinutes() + "m";
    }
    // A day is rather 24h; only more of them are days.
    return duration.toHours() % 24 != 0 || duration.toDays() == 1
        ? duration.toHours() + "h"
        : duration.toDays() + "d";
  }

  public static void size(String key, Size value, Size largest) {
    that(
        value != null && value.bytes() > 0 && value.bytes() <= largest.bytes(),
        key,
        "a size from 1 byte to " + largest);
  }

  public static void sizeOrNone(String key, Size value, Size largest) {
    that(value != null && value.bytes() <= largest.bytes(), key, "a size from 0 to " + largest);
  }

  public static void redisUrl(String key, Secret value) {
    that(
        !value.isPresent() || isRedis(value.value()), key, "a redis:// or rediss:// URL, or empty");
    that(!value.isPresent() || isProvable(value.value()), key, PROVABLE);
  }

  /** Where servers or sentinels listen, and nothing else; all with TLS or none. */
  public static void redisNodes(String key, List<String> urls) {
    that(!urls.isEmpty(), key, "at least one redis:// or rediss:// URL");
    for (int i = 0; i < urls.size(); i++) {
      that(
          isRedis(urls.get(i)) && isAddress(URI.create(urls.get(i))),
          key + "[" + i + "]",
          "redis:// or rediss:// with a host and a port alone; username and password have keys of"
              + " their own");
      that(isProvable(urls.get(i)), key + "[" + i + "]", PROVABLE);
      that(
          scheme(urls.get(i)).equals(scheme(urls.get(0))),
          key + "[" + i + "]",
          "the same scheme as the first");
    }
  }

  // The client is given the address of a name with underscores, and no certificate bears that.
  private static boolean isProvable(String url) {
    return scheme(url).equals("redis") || URI.create(url).getHost() != null;
  }

  private static boolean isAddress(URI url) {
    Authority at = Authority.of(url).orElseThrow();
    return at.userInfo() == null
        && url.getRawPath().matches("/?")
        && url.getRawQuery() == null
        && url.getRawFragment() == null
        && at.port() != 0;
  }

  private static String scheme(String url) {
    return URI.create(url).getScheme();
  }

  public static void proxyUrl(String key, Secret value) {
    that(
        !value.isPresent() || isProxy(value.value()),
        key,
        "an http:// or socks5:// URL with host and port, or empty");
  }

  private static boolean isProxy(String text) {
    try {
      URI url = URI.create(text);
      Authority at = Authority.of(url).orElse(null);
      return at != null
          && at.port() > 0
          && at.port() <= 65_535
          && ("http".equals(url.getScheme()) || "socks5".equals(url.getScheme()))
          && (url.getRawPath().isEmpty() || "/".equals(url.getRawPath()))
          && url.getRawQuery() == null
          && url.getRawFragment() == null
          && (at.userInfo() == null || at.userInfo().contains(":"));
    } catch (IllegalArgumentException notUrl) {
      return false;
    }
  }

  /** A path or a name that may be left out; none for null. */
  public static String file(String value) {
    return value == null ? "" : value;
  }

  /** A certificate is nothing without its key. */
  public static void pair(String cert, String key) {
    that(key.isEmpty() || !cert.isEmpty(), "cert", "a PEM file, for there is a key");
    that(cert.isEmpty() || !key.isEmpty(), "key", "a PEM file, for there is a cert");
  }

  /**
   * Lower-case names of header fields that may be dropped without changing how a message is cut.
   */
  public static List<String> headerNames(String key, List<String> values) {
    if (values == null) {
      return List.of();
    }
    for (int i = 0; i < values.size(); i++) {
      String name = values.get(i);
      that(
          name != null && HEADER.matcher(name).matches() && !FRAMING.contains(lower(name)),
          key + "[" + i + "]",
          "a header name, none of " + String.join(", ", FRAMING));
    }
    return values.stream().map(Check::lower).toList();
  }

  public static void headerName(String key, String name) {
    that(HEADER.matcher(name).matches(), key, "the name of a header field");
  }

  /** Globs of header fields' names, as they are. */
  public static List<String> headerGlobs(String key, List<String> values) {
    if (values == null) {
      return List.of();
    }
    for (int i = 0; i < values.size(); i++) {
      String glob = values.get(i);
      that(
          glob != null && HEADER.matcher(glob.replace('?', '*')).matches(),
          key + "[" + i + "]",
          "a header name or a glob of one, such as x-litellm-*");
    }
    return List.copyOf(values);
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  /**
   * Whether paths can be added to it: http or https with a host. A user, a query or a fragment
   * would be lost or leaked on the way to those paths.
   */
  public static boolean isBase(URI url) {
    return url != null
        && ("http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme()))
        && Authority.of(url).filter(Check::isHostAndPort).isPresent()
        && url.getRawQuery() == null
        && url.getRawFragment() == null;
  }

  private static boolean isHostAndPort(Authority at) {
    return at.userInfo() == null && at.port() != 0 && at.port() <= 65_535;
  }

  private static boolean isRedis(String text) {
    try {
      URI url = URI.create(text);
      return Authority.of(url).filter(at -> at.port() <= 65_535).isPresent()
          && ("redis".equals(url.getScheme()) || "rediss".equals(url.getScheme()));
    } catch (IllegalArgumentException notUrl) {
      return false;
    }
  }

  /** A value out of its range; the loader adds the path above the key, the value and the origin. */
  public static final class InvalidValue extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    private final String key;
    private final String expected;

    InvalidValue(String key, String expected) {
      super(key + " (expected: " + expected + ")");
      this.key = key;
      this.expected = expected;
    }

    /** The key, relative to the record that rejects the value. */
    public String key() {
      return key;
    }

    /** The expected form of the value. */
    public String expected() {
      return expected;
    }
  }
}
