package dev.refrain.inference.fields;

import dev.refrain.inference.Glob;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * The role of each header field of a request, by its name. What the operator says comes first, then
 * what is known of the name, then what it looks like; any other field is part of the fingerprint.
 *
 * <p>Any thread. Memory: the last {@link #MOST} names as they were spelled.
 *
 * <p>Source: docs/internals/decisions/0046.
 */
public final class FieldRoles {
  /** Without exceptions of the operator. */
  public static final FieldRoles DEFAULT = new FieldRoles(List.of(), List.of(), List.of());

  private static final int MOST = 1024;

  private final List<Glob> ignore;
  private final List<Glob> key;
  private final List<Glob> scope;
  private final Predicate<String> sent;
  private final Map<String, Field> known = new ConcurrentHashMap<>();

  /** A field: its name in lower case, its role, and what its value says. */
  record Field(String name, FieldRole role, FieldReading reading) {}

  /**
   * Roles with exceptions, each a glob in any case ({@code *} and {@code ?}). Where several match,
   * the one that divides more counts: scope, then key, then ignore.
   *
   * @param ignore fields that change no answer
   * @param key fields that belong to the fingerprint
   * @param scope fields that identify the caller
   */
  public FieldRoles(List<String> ignore, List<String> key, List<String> scope) {
    this(ignore, key, scope, name -> true);
  }

  /**
   * The same, where some fields reach no upstream, and therefore change no answer.
   *
   * @param sent whether a field is sent to any upstream, by its name in lower case
   */
  public FieldRoles(
      List<String> ignore, List<String> key, List<String> scope, Predicate<String> sent) {
    this.sent = sent;
    this.ignore = globs(ignore);
    this.key = globs(key);
    this.scope = globs(scope);
  }

  private static List<Glob> globs(List<String> patterns) {
    return patterns.stream().map(pattern -> new Glob(pattern.toLowerCase(Locale.ROOT))).toList();
  }

  /** The role of a field. */
  public FieldRole of(String name) {
    return field(name).role();
  }

  // A map by the name as it came: each client spells its names in one way.
  Field field(String name) {
    Field before = known.get(name);
    if (before != null) {
      return before;
    }
    if (known.size() >= MOST) {
      known.clear(); // names that strangers made up
    }
    Field field = read(name.toLowerCase(Locale.ROOT));
    known.put(name, field);
    return field;
  }

  private Field read(String name) {
    if (name.startsWith(KnownFields.DIRECTIVES)) {
      return new Field(name, FieldRole.DIRECTIVE, FieldReading.ALL);
    }
    FieldRole said = said(name);
    if (said != null) {
      return new Field(name, said, FieldReading.ALL);
    }
    FieldRole role = sent.test(name) ? known(name) : FieldRole.NOT_SENT;
    return new Field(name, role, FieldReading.of(name));
  }

  private FieldRole said(String name) {
    if (matches(scope, name)) {
      return FieldRole.SCOPE;
    }
    if (matches(key, name)) {
      return FieldRole.KEY;
    }
    return matches(ignore, name) ? FieldRole.IGNORED : null;
  }

  private static boolean matches(List<Glob> globs, String name) {
    for (Glob glob : globs) {
      if (glob.matches(name)) {
        return true;
      }
    }
    return false;
  }

  private static FieldRole known(String name) {
    if (KnownFields.ALONE.contains(name)) {
      return FieldRole.ALONE;
    }
    if (KnownFields.CONNECTION.contains(name) || KnownFields.OURS.contains(name)) {
      return FieldRole.NOT_SENT;
    }
    if (KnownFields.HARMLESS.contains(name)) {
      return FieldRole.IGNORED;
    }
    if (KnownFields.ACCOUNT.contains(name) || KnownFields.isCredential(name)) {
      return FieldRole.CREDENTIAL;
    }
    for (String beginning : KnownFields.HARMLESS_BEGINNINGS) {
      if (name.startsWith(beginning)) {
        return FieldRole.IGNORED;
      }
    }
    return FieldRole.KEY;
  }

  /** Role of a request header field for the cache. */
  public enum FieldRole {
    /** A directive to Refrain itself, {@code X-Refrain-…}: read here and never sent. */
    DIRECTIVE,
    /** Never sent upstream by Refrain, so that it changes no answer there. */
    NOT_SENT,
    /** Sent, and known to change no answer. */
    IGNORED,
    /** Part of the fingerprint: it may change the answer. */
    KEY,
    /** A credential or an account by its name: requests share answers only where it is equal. */
    CREDENTIAL,
    /** Divides like a credential because the operator says so. */
    SCOPE,
    /** Makes another request of it than its body says: the call is made for itself alone. */
    ALONE
  }
}
