package dev.refrain.openai;

import java.util.Comparator;

/**
 * A member of an object whose canonical form stands in a buffer.
 *
 * @param from first byte
 * @param to byte after the last
 */
record CanonicalMember(String name, int from, int to) {
  static final Comparator<CanonicalMember> BY_NAME = Comparator.comparing(CanonicalMember::name);
}
