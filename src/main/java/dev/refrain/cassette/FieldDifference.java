package dev.refrain.cassette;

import dev.refrain.json.Member;
import dev.refrain.json.Slice;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * In what two requests differ: names and places of fields, {@code temperature} or {@code
 * messages[1].content}, and never a value. Both bodies are canonical, so that equal values are
 * equal bytes. Pure functions.
 */
final class FieldDifference {
  private static final int MOST_NAMES = 12;
  private static final int DEEPEST = 6;
  private static final int LONGEST_NAME = 64;

  private FieldDifference() {}

  /** How many fields differ: method, query and members of the body. */
  static int count(RecordedRequest one, RecordedRequest other) {
    int outside = outside(one, other).size();
    try {
      List<Member> ones = one.members();
      List<Member> others = other.members();
      if (ones.isEmpty() || others.isEmpty()) {
        return outside
            + (one.body().equals(other.body()) ? 0 : 1 + Math.max(ones.size(), others.size()));
      }
      int differing = 0;
      for (String name : names(ones, others)) {
        differing += same(Member.find(ones, name), Member.find(others, name)) ? 0 : 1;
      }
      return outside + differing;
    } catch (IOException noObject) {
      return Integer.MAX_VALUE - 1;
    }
  }

  /** How many characters two bodies have in common at their beginnings and ends. */
  static int common(String one, String other) {
    int most = Math.min(one.length(), other.length());
    int first = 0;
    while (first < most && one.charAt(first) == other.charAt(first)) {
      first++;
    }
    int last = 0;
    while (last < most - first
        && one.charAt(one.length() - 1 - last) == other.charAt(other.length() - 1 - last)) {
      last++;
    }
    return first + last;
  }

  /** Their names, at most a dozen. */
  static List<String> names(RecordedRequest one, RecordedRequest other) {
    List<String> names = outside(one, other);
    try {
      List<Member> ones = one.members();
      List<Member> others = other.members();
      if (!ones.isEmpty() && !others.isEmpty()) {
        members("", ones, others, names, DEEPEST);
      } else if (!one.body().equals(other.body()) || one.form() != other.form()) {
        names.add("body");
      }
    } catch (IOException noObject) {
      names.add("body");
    }
    return List.copyOf(names.subList(0, Math.min(MOST_NAMES, names.size())));
  }

  private static List<String> outside(RecordedRequest one, RecordedRequest other) {
    List<String> names = new ArrayList<>();
    if (!one.method().equals(other.method())) {
      names.add("method");
    }
    if (!one.target().equals(other.target())) {
      names.add("query");
    }
    return names;
  }

  private static Set<String> names(List<Member> ones, List<Member> others) {
    Set<String> names = new LinkedHashSet<>();
    ones.forEach(member -> names.add(member.name()));
    others.forEach(member -> names.add(member.name()));
    return names;
  }

  private static void members(
      String at, List<Member> ones, List<Member> others, List<String> names, int depth)
      throws IOException {
    for (String name : names(ones, others)) {
      String place = at.isEmpty() ? shown(name) : at + "." + shown(name);
      Member one = Member.find(ones, name);
      Member other = Member.find(others, name);
      if (one == null || other == null) {
        names.add(place);
      } else {
        value(place, one.value(), other.value(), names, depth);
      }
    }
  }

  private static void value(String place, Slice one, Slice other, List<String> names, int depth)
      throws IOException {
    if (names.size() >= MOST_NAMES || same(one, other)) {
      return;
    }
    if (depth > 0 && one.isObject() && other.isObject()) {
      members(place, one.members(), other.members(), names, depth - 1);
    } else if (depth > 0 && one.isArray() && other.isArray()) {
      elements(place, one.elements(), other.elements(), names, depth - 1);
    } else {
      names.add(place);
    }
  }

  private static void elements(
      String place, List<Slice> ones, List<Slice> others, List<String> names, int depth)
      throws IOException {
    int common = Math.min(ones.size(), others.size());
    for (int i = 0; i < common && names.size() < MOST_NAMES; i++) {
      value(place + "[" + i + "]", ones.get(i), others.get(i), names, depth);
    }
    if (ones.size() != others.size()) {
      names.add(place + "[" + common + "]");
    }
  }

  private static boolean same(Member one, Member other) {
    return one != null && other != null && same(one.value(), other.value());
  }

  private static boolean same(Slice one, Slice other) {
    return one.same(other);
  }

  // Names go into a message; those of a stranger may be long.
  private static String shown(String name) {
    String printable = name.replaceAll("[^\\x21-\\x7e]", "_");
    return printable.length() <= LONGEST_NAME ? printable : printable.substring(0, LONGEST_NAME);
  }
}
