package dev.refrain.json;

import java.util.Map;

/** How the values of one member in successive frames are merged into one. Null is no value. */
public sealed interface MergeRule {
  /**
   * The first that says something stands for all: names and dates, which some servers give each
   * chunk anew, and one leaves empty in a chunk that comes before the answer.
   */
  MergeRule FIRST = Simple.FIRST;

  /** The last is the one that counts. */
  MergeRule LAST = Simple.LAST;

  /** All values must be equal: the rule for unknown members. */
  MergeRule SAME = Simple.SAME;

  /** All that are not blank are equal, or there is no telling. */
  MergeRule CONSTANT = Simple.CONSTANT;

  /** One at most is not blank, or there is no telling. */
  MergeRule ONCE = Simple.ONCE;

  /** Strings are pieces of one string. */
  MergeRule TEXT = Simple.TEXT;

  /** Arrays are pieces of one array, objects are merged member by member, the rest is SAME. */
  MergeRule GROW = Simple.GROW;

  /** The rules that need no more than a name. */
  enum Simple implements MergeRule {
    FIRST,
    LAST,
    SAME,
    CONSTANT,
    ONCE,
    TEXT,
    GROW
  }

  /** Objects are merged by rules of their own; a member not named is SAME in all, or in one. */
  record Members(Map<String, MergeRule> rules) implements MergeRule {}

  /**
   * Arrays of pieces, which their member {@code index} tells apart: it says where in the merged
   * array a piece belongs, and does not stand there.
   */
  record Indexed(Members each) implements MergeRule {}
}
