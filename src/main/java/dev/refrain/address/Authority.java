package dev.refrain.address;

import java.net.URI;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Host and port of a URL. Unlike {@link URI#getHost} it knows names with underscores, as Docker
 * gives them, and all other registered names of letters, digits, '.', '-' and '_'.
 *
 * <p>Source: RFC 3986 §3.2.
 *
 * @param userInfo what stands before {@code @}, as it is written; null if there is none
 * @param host a name or an address, one of IPv6 in brackets
 * @param port -1 if there is none
 */
public record Authority(String userInfo, String host, int port) {
  private static final Pattern REGISTERED =
      Pattern.compile(
          "(?:([^@]*)@)?([A-Za-z0-9_](?:[A-Za-z0-9_-]|\\.(?!\\.)){0,252})(?::([0-9]{0,5}))?");

  /** The authority of a URL; empty if it has none, or one that names no host. */
  public static Optional<Authority> of(URI url) {
    if (url.getHost() != null) {
      return Optional.of(new Authority(url.getRawUserInfo(), url.getHost(), url.getPort()));
    }
    if (url.getRawAuthority() == null) {
      return Optional.empty();
    }
    Matcher parts = REGISTERED.matcher(url.getRawAuthority());
    return parts.matches()
        ? Optional.of(new Authority(parts.group(1), parts.group(2), port(parts.group(3))))
        : Optional.empty();
  }

  /**
   * The host of a URL that is known to have one.
   *
   * @throws IllegalArgumentException if it has none; repeats nothing of it
   */
  public static String host(URI url) {
    return url.getHost() != null ? url.getHost() : checked(url).host();
  }

  /** The port of a URL that is known to have a host, -1 if there is none; as {@link #host(URI)}. */
  public static int port(URI url) {
    return url.getHost() != null ? url.getPort() : checked(url).port();
  }

  private static Authority checked(URI url) {
    return of(url).orElseThrow(() -> new IllegalArgumentException("a URL without a host"));
  }

  private static int port(String digits) {
    return digits == null || digits.isEmpty() ? -1 : Integer.parseInt(digits);
  }

  /** Without what stands before {@code @}, which may be a password. */
  @Override
  public String toString() {
    return port < 0 ? host : host + ":" + port;
  }
}
