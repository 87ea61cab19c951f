package dev.refrain.json;

import java.util.Comparator;

/**
 * A member of an object, with the position of its canonical form in a buffer.
 *
 * @param from first byte
 * @param to byte after the last
 */
public record CanonicalMember(String name, int from, int to) {
  public static final Comparator<CanonicalMember> BY_NAME =
      Comparator.comparing(CanonicalMember::name);
}
