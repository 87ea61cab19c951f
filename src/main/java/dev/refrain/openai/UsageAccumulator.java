package dev.refrain.openai;

import dev.refrain.json.JsonCursor;
import dev.refrain.json.Member;
import dev.refrain.json.ObjectMerge.NotMergeable;
import dev.refrain.json.Slice;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Adds usages: numbers are summed, objects are merged by member, and of other values the first is
 * kept. Null is ignored, and remains where no part reported a value.
 */
final class UsageAccumulator {
  // Beyond this a sum would write out the zeros between its digits.
  private static final int WIDEST = 100;
  // An object of a usage has ten at most; each name is looked for among those before it.
  private static final int MOST = 100;

  private final Slice key;

  // at most one of these is set; none until a value was seen
  private BigDecimal sum;
  private Map<String, UsageAccumulator> members;
  private Slice other;
  // Whether a value was passed over.
  private boolean partial;

  private UsageAccumulator(Slice key) {
    this.key = key;
  }

  /** That of objects. */
  static UsageAccumulator ofObjects() {
    UsageAccumulator usageAccumulator = new UsageAccumulator(null);
    usageAccumulator.members = new LinkedHashMap<>();
    return usageAccumulator;
  }

  /** Adds a value this many times. What is of another kind than what is there is passed over. */
  void add(Slice value, int times) throws IOException {
    if (times == 0 || value.isNull()) {
      return;
    }
    BigDecimal number = number(value);
    if (isEmpty() || isLike(value, number)) {
      add(value, number, times);
    } else {
      partial = true;
    }
  }

  /** The place of this name in a tally of objects, made if it is new. */
  UsageAccumulator member(Member member) {
    return members.computeIfAbsent(member.name(), name -> new UsageAccumulator(member.key()));
  }

  /** Whether a value at this name in a tally of objects was a number. */
  boolean hasSum(String name) {
    UsageAccumulator member = members.get(name);
    return member != null && member.sum != null;
  }

  /**
   * The count at this name in a tally of objects: zero where nothing or null was said; null where
   * something else was said, or the sum is no whole number from zero on.
   */
  BigDecimal count(String name) {
    UsageAccumulator member = members.get(name);
    if (member == null || member.isEmpty()) {
      return BigDecimal.ZERO;
    }
    return member.sum != null && !member.partial && isCount(member.sum) ? member.sum : null;
  }

  /** Whether this is a number of something: whole, and not negative. */
  static boolean isCount(BigDecimal number) {
    return number.signum() >= 0 && number.stripTrailingZeros().scale() <= 0;
  }

  /** Puts another sum where there is one. */
  void replace(String name, BigDecimal other) {
    members.get(name).sum = other;
  }

  /** Appends it all, as JSON. */
  void appendTo(Buffer out) {
    if (members != null) {
      appendMembers(out);
    } else if (other != null) {
      other.appendTo(out);
    } else {
      out.appendString(String.valueOf(sum));
    }
  }

  /** The members of a usage, or of an object in one. */
  static List<Member> members(Slice object) throws IOException {
    List<Member> members = new ArrayList<>(4);
    JsonCursor cursor = new JsonCursor(object.bytes(), object.from(), object.to());
    if (cursor.enter('{', '}')) {
      do {
        cursor.name();
        String name = cursor.spelled();
        if (members.size() == MOST || Member.find(members, name) != null) {
          throw new NotMergeable("too many members, or a name that occurs twice");
        }
        Slice key = cursor.key();
        int from = cursor.at();
        cursor.value();
        members.add(new Member(name, key, new Slice(object.bytes(), from, cursor.at())));
      } while (cursor.another('}'));
    }
    return members;
  }

  private boolean isEmpty() {
    return sum == null && members == null && other == null;
  }

  private boolean isLike(Slice value, BigDecimal number) {
    return sum == null ? members != null && value.isObject() : number != null;
  }

  private void add(Slice value, BigDecimal number, int times) throws IOException {
    if (number != null) {
      BigDecimal product = number.multiply(BigDecimal.valueOf(times));
      sum = sum == null ? product : sum.add(product);
    } else if (value.isObject()) {
      members = members == null ? new LinkedHashMap<>() : members;
      for (Member member : members(value)) {
        member(member).add(member.value(), times);
      }
    } else {
      other = value;
    }
  }

  private void appendMembers(Buffer out) {
    char before = '{';
    for (UsageAccumulator member : members.values()) {
      out.appendByte((byte) before);
      before = ',';
      member.key.appendTo(out);
      out.appendByte((byte) ':');
      member.appendTo(out);
    }
    out.appendString(members.isEmpty() ? "{}" : "}");
  }

  /** The number this is; null if it is none, or none that can be summed. */
  static BigDecimal number(Slice value) {
    byte first = value.bytes()[value.from()];
    if (first != '-' && (first < '0' || first > '9')) {
      return null;
    }
    try {
      BigDecimal number = new BigDecimal(value.text());
      return Math.abs((long) number.scale()) > WIDEST ? null : number;
    } catch (NumberFormatException beyondAllExponents) {
      return null;
    }
  }
}
