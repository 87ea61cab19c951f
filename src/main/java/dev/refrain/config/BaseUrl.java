package dev.refrain.config;

import dev.refrain.settings.Check;
import dev.refrain.settings.ExpectedType;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The base of an upstream: {@code https://host/v1/} and {@code https://host} are the same one. */
public final class BaseUrl {
  private static final String VERSION = "/v1";

  /** A path that ends in an endpoint, and so is none of a base; what stands before it. */
  private static final Pattern ENDPOINT =
      Pattern.compile(
          "(|.*?/v1|.*?)/(?:(?:chat/)?completions|(?<=/v1/)(?:embeddings|models|responses))");

  private BaseUrl() {}

  /**
   * The base that a text means.
   *
   * @param key what it was given as, for the message
   * @throws ConfigError if it means none
   */
  public static URI parse(String key, String text) {
    try {
      return of(key, new URI(text));
    } catch (URISyntaxException garbled) {
      // Never the text: it may hold a password.
      throw new ConfigError(key + ": not a URL (expected: " + ExpectedType.of(URI.class) + ")");
    } catch (Check.InvalidValue invalid) {
      throw new ConfigError(invalid.getMessage());
    }
  }

  static URI of(String key, URI url) {
    Check.that(Check.isBase(url), key, ExpectedType.of(URI.class));
    Matcher endpoint = ENDPOINT.matcher(withoutSlashes(url.getRawPath()));
    if (endpoint.matches()) {
      Check.that(
          false, key, "the base, to which endpoints are added: " + at(url, endpoint.group(1)));
    }
    String path = withoutSlashes(url.getRawPath());
    if (path.endsWith(VERSION)) {
      path = withoutSlashes(path.substring(0, path.length() - VERSION.length()));
    }
    return URI.create(at(url, path));
  }

  private static String at(URI url, String path) {
    return url.getScheme().toLowerCase(Locale.ROOT) + "://" + url.getRawAuthority() + path;
  }

  private static String withoutSlashes(String path) {
    int end = path.length();
    while (end > 0 && path.charAt(end - 1) == '/') {
      end--;
    }
    return path.substring(0, end);
  }
}
