package dev.refrain.keys;

import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.Observer.KeyRejection;
import dev.refrain.keys.Budget.Tariff;
import dev.refrain.keys.Key.Clocks;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * All keys of one configuration generation. Immutable; what its keys have left is not. Any thread.
 *
 * <p>Source: RFC 6750 §2.1; {@code api-key} is how callers of Azure present theirs, {@code
 * x-api-key} how those of Anthropic do.
 */
public final class Keyring {
  private static final CharSequence API_KEY = HttpHeaders.createOptimized("api-key");
  private static final CharSequence X_API_KEY = HttpHeaders.createOptimized("x-api-key");
  private static final String SCHEME = "bearer ";

  /** No keys. */
  public static final Keyring NONE = new Keyring(Map.of(), Map.of(), Map.of());

  private final Map<String, Key.Tenant> tenants;
  private final Map<String, Key> byName;
  private final Map<Fingerprint, Key> bySecret;
  private final List<KeyLimit> keyLimits;
  private final List<KeySpending> spendings;

  private Keyring(
      Map<String, Key.Tenant> tenants, Map<String, Key> byName, Map<Fingerprint, Key> bySecret) {
    this.tenants = tenants;
    this.byName = byName;
    this.bySecret = bySecret;
    this.keyLimits = byName.values().stream().flatMap(KeyLimit::of).toList();
    this.spendings = byName.values().stream().flatMap(KeySpending::of).toList();
  }

  /** The next keyring; a key of the same name keeps its counters and its remaining limits. */
  public Keyring next(List<KeySettings> keys, Tariff tariff) {
    return next(keys, tariff, new Clocks(System::nanoTime, System::currentTimeMillis));
  }

  /** The same by other clocks. */
  Keyring next(List<KeySettings> keys, Tariff tariff, Clocks clocks) {
    Map<String, Key.Tenant> together = tenants(keys);
    Map<String, Key> names = new HashMap<>();
    Map<Fingerprint, Key> secrets = new HashMap<>();
    for (KeySettings settings : keys) {
      Key.Tenant tenant = together.get(settings.tenant());
      Key key = Key.of(settings, tenant, byName.get(settings.name()), tariff, clocks);
      names.put(settings.name(), key);
      secrets.put(settings.secret().fingerprint(), key);
    }
    return new Keyring(together, names, secrets);
  }

  /** The tenants of these keys, each with what it has under way. */
  private Map<String, Key.Tenant> tenants(List<KeySettings> keys) {
    Map<String, Integer> limits = new HashMap<>();
    for (KeySettings key : keys) {
      limits.merge(
          key.tenant(),
          key.tenantConcurrency(),
          (one, other) -> one == 0 || other == 0 ? one + other : Math.min(one, other));
    }
    Map<String, Key.Tenant> next = new HashMap<>();
    limits.forEach(
        (name, most) -> {
          Key.Tenant before = tenants.get(name);
          AtomicInteger underWay = before == null ? new AtomicInteger() : before.underWay();
          next.put(name, new Key.Tenant(most, underWay));
        });
    return next;
  }

  /** Whether there are none, so that no key is required. */
  public boolean isEmpty() {
    return byName.isEmpty();
  }

  /** Every key, in no order. */
  public Collection<Key> keys() {
    return byName.values();
  }

  /** The limits that replicas with these keys count together, in no order. */
  public List<KeyLimit> keyLimits() {
    return keyLimits;
  }

  /** What the keys with a budget have spent, in no order. */
  public List<KeySpending> spendings() {
    return spendings;
  }

  /** The key that a request presents; null if it presents none of these, or more than one. */
  public Key find(MultiMap headers) {
    List<String> presented = presented(headers);
    return presented.size() == 1 ? bySecret.get(digest(presented.get(0))) : null;
  }

  /** Why no key was found. */
  public static KeyRejection rejection(MultiMap headers) {
    return switch (presented(headers).size()) {
      case 0 -> KeyRejection.MISSING;
      case 1 -> KeyRejection.UNKNOWN;
      default -> KeyRejection.SEVERAL;
    };
  }

  /** Removes the key from a request, so that it goes no further. */
  public static void take(MultiMap headers) {
    headers.remove(HttpHeaders.AUTHORIZATION).remove(API_KEY).remove(X_API_KEY);
  }

  private static List<String> presented(MultiMap headers) {
    List<String> presented = new ArrayList<>(1);
    for (String credential : headers.getAll(HttpHeaders.AUTHORIZATION)) {
      presented.add(token(credential));
    }
    presented.addAll(headers.getAll(API_KEY));
    presented.addAll(headers.getAll(X_API_KEY));
    return presented;
  }

  // A credential of another scheme is an unknown key.
  private static String token(String credential) {
    return credential.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
        ? credential.substring(SCHEME.length()).trim()
        : "";
  }

  private static Fingerprint digest(String presented) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      return Fingerprint.of(sha256.digest(presented.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible); // every Java platform has it
    }
  }

  /**
   * What one key has spent.
   *
   * @param name of the key
   * @param spending in this process, and as far as known in all
   */
  public record KeySpending(String name, Spending spending) {
    static Stream<KeySpending> of(Key key) {
      return key.budget().map(one -> new KeySpending(key.name(), one.spending())).stream();
    }
  }

  /**
   * One limit of one key, under the name that all replicas use.
   *
   * @param name {@code search:requests}
   * @param bucket what this process has left
   */
  public record KeyLimit(String name, TokenBucket bucket) {
    static Stream<KeyLimit> of(Key key) {
      return Stream.of(
              key.requests().map(bucket -> new KeyLimit(key.name() + ":requests", bucket)),
              key.tokens().map(bucket -> new KeyLimit(key.name() + ":tokens", bucket)))
          .flatMap(Optional::stream);
    }
  }
}
