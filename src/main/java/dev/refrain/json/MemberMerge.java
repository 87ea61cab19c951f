package dev.refrain.json;

import dev.refrain.json.ObjectMerge.NotMergeable;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/** Merges the values that one member had in successive frames. */
public final class MemberMerge {
  private final Slice key;
  private final MergeRule rule;
  private final List<Slice> values = new ArrayList<>();

  MemberMerge(Slice key, MergeRule rule) {
    this.key = key;
    this.rule = rule;
  }

  /** The same values under another name. */
  MemberMerge named(String name) {
    MemberMerge other = new MemberMerge(Slice.of(Buffer.buffer('"' + name + '"')), rule);
    other.values.addAll(values);
    return other;
  }

  /** Another frame's value. */
  void add(Slice value) {
    if (!value.isNull()) {
      values.add(value);
    }
  }

  /** The values other than null, in order. */
  public List<Slice> values() {
    return values;
  }

  /** The last of the values, of which there is one at least. */
  public Slice last() {
    return values.get(values.size() - 1);
  }

  /** Puts one value in the place of all. */
  public void replace(Slice value) {
    values.clear();
    values.add(value);
  }

  /** Whether this and its siblings grow side by side: in each of {@code pieces}, or in none. */
  boolean isAligned(int pieces) {
    return values.size() == pieces || !all(Slice::isArray) || values.isEmpty();
  }

  /** Appends {@code "key":value}. */
  void appendTo(Buffer out) throws IOException {
    key.appendTo(out);
    out.appendByte((byte) ':');
    appendValue(out);
  }

  private void appendValue(Buffer out) throws IOException {
    if (values.isEmpty()) {
      out.appendString("null");
    } else if (rule instanceof MergeRule.Members members && all(Slice::isObject)) {
      merge(members, out);
    } else if (rule instanceof MergeRule.Indexed indexed && all(Slice::isArray)) {
      IndexedMerge.of(values, indexed.each()).appendTo(out);
    } else if (rule == MergeRule.FIRST || values.size() == 1) {
      first().appendTo(out);
    } else if (rule == MergeRule.LAST) {
      last().appendTo(out);
    } else if (rule == MergeRule.TEXT && all(Slice::isString)) {
      join(out, '"', "", '"');
    } else if (rule == MergeRule.GROW && all(Slice::isArray)) {
      join(out, '[', ",", ']');
    } else if (rule == MergeRule.GROW && all(Slice::isObject)) {
      merge(out);
    } else if (rule == MergeRule.CONSTANT || rule == MergeRule.ONCE) {
      only(rule == MergeRule.ONCE).appendTo(out);
    } else if (all(values.get(0)::same)) {
      values.get(0).appendTo(out);
    } else {
      throw new NotMergeable("a member has several values");
    }
  }

  private Slice first() {
    Slice first = values.get(0);
    return values.stream().filter(value -> !value.isBlank()).findFirst().orElse(first);
  }

  private Slice only(boolean once) throws NotMergeable {
    Slice first = first();
    for (Slice value : values) {
      if (value != first && !value.isBlank() && (once || !value.same(first))) {
        throw new NotMergeable("a member has several values");
      }
    }
    return first;
  }

  /** Pieces are put together as they are written: an escape never spans two valid strings. */
  private void join(Buffer out, char open, String between, char close) {
    out.appendByte((byte) open);
    String separator = "";
    for (Slice value : values) {
      if (value.isHollow()) {
        continue;
      }
      out.appendString(separator);
      value.inside().appendTo(out);
      separator = between;
    }
    out.appendByte((byte) close);
  }

  private void merge(MergeRule.Members rules, Buffer out) throws IOException {
    ObjectMerge whole = new ObjectMerge(rules.rules(), MergeRule.SAME);
    for (Slice value : values) {
      if (!value.isHollow()) {
        whole.add(value.members());
      }
    }
    whole.requireConstant();
    whole.appendTo(out);
  }

  /** Whether a member of no known meaning is in each of {@code pieces}, or in one. */
  boolean isConstant(int pieces) {
    return rule != MergeRule.SAME || values.size() <= 1 || values.size() == pieces;
  }

  private void merge(Buffer out) throws IOException {
    ObjectMerge whole = new ObjectMerge(Map.of(), MergeRule.GROW);
    for (Slice value : values) {
      whole.add(value.members());
    }
    whole.requireAligned();
    whole.appendTo(out);
  }

  private boolean all(Predicate<Slice> test) {
    return values.stream().allMatch(test);
  }

  /** Merges arrays of pieces, which their member {@code index} tells apart. */
  private static final class IndexedMerge {
    private static final String INDEX = "index";

    private final Map<Integer, ObjectMerge> elements = new TreeMap<>();

    private IndexedMerge() {}

    /** The merged array. */
    static IndexedMerge of(List<Slice> arrays, MergeRule.Members rules) throws IOException {
      IndexedMerge merge = new IndexedMerge();
      for (Slice array : arrays) {
        for (Slice piece : array.elements()) {
          List<Member> members = piece.members();
          merge
              .elements
              .computeIfAbsent(index(members), at -> new ObjectMerge(rules.rules(), MergeRule.SAME))
              .add(members.stream().filter(member -> !member.name().equals(INDEX)).toList());
        }
      }
      return merge;
    }

    /** Appends the array. */
    void appendTo(Buffer out) throws IOException {
      char before = '[';
      for (ObjectMerge element : elements.values()) {
        element.requireConstant();
        out.appendByte((byte) before);
        element.appendTo(out);
        before = ',';
      }
      out.appendString(elements.isEmpty() ? "[]" : "]");
    }

    private static int index(List<Member> piece) throws NotMergeable {
      Member index = Member.find(piece, INDEX);
      try {
        if (index != null && Member.areDistinct(piece)) {
          return Integer.parseInt(index.value().text());
        }
      } catch (NumberFormatException notOne) {
        // as strange as none
      }
      throw new NotMergeable("pieces that cannot be told apart");
    }
  }
}
