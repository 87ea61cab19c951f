package dev.refrain.config;

import java.net.URI;
import java.util.Locale;

/** The base of an upstream: {@code https://host/v1/} and {@code https://host} are the same one. */
final class BaseUrl {
  private static final String VERSION = "/v1";

  private BaseUrl() {}

  static URI of(String key, URI url) {
    Check.that(isBase(url), key, ExpectedType.of(URI.class));
    String path = withoutSlashes(url.getRawPath());
    if (path.endsWith(VERSION)) {
      path = withoutSlashes(path.substring(0, path.length() - VERSION.length()));
    }
    return URI.create(
        url.getScheme().toLowerCase(Locale.ROOT) + "://" + url.getRawAuthority() + path);
  }

  // A user, a query or a fragment would be lost or leaked on the way to the upstream's paths.
  private static boolean isBase(URI url) {
    return url != null
        && ("http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme()))
        && url.getHost() != null
        && url.getPort() <= 65_535
        && url.getPort() != 0
        && url.getRawUserInfo() == null
        && url.getRawQuery() == null
        && url.getRawFragment() == null;
  }

  private static String withoutSlashes(String path) {
    int end = path.length();
    while (end > 0 && path.charAt(end - 1) == '/') {
      end--;
    }
    return path.substring(0, end);
  }
}
