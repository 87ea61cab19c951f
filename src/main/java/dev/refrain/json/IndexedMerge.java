package dev.refrain.json;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Merges arrays of pieces, which their member {@code index} tells apart. */
final class IndexedMerge {
  private static final String INDEX = "index";

  private final Map<Integer, ObjectMerge> elements = new TreeMap<>();

  private IndexedMerge() {}

  /** What these arrays say together. */
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
