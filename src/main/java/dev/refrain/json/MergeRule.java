package dev.refrain.json;

/** How the values of one member in successive frames are merged into one. Null is no value. */
public enum MergeRule {
  /**
   * The first that says something stands for all: names and dates, which some servers give each
   * chunk anew, and one leaves empty in a chunk that comes before the answer.
   */
  FIRST,
  /** The last is the one that counts. */
  LAST,
  /** All are equal, or there is no telling: the rule for what we do not know. */
  SAME,
  /** Strings are pieces of one string. */
  TEXT,
  /** Arrays are pieces of one array, objects are merged member by member, the rest is SAME. */
  GROW
}
