package dev.refrain.inference;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a request says, as a short digest for each field that counts: enough to name the fields in
 * which two requests differ, and nothing of their values can be read from it. Immutable; any
 * thread.
 */
public final class FieldDigests {
  /** Nothing is known. */
  public static final FieldDigests NONE = new FieldDigests("", new String[0], new int[0]);

  private static final int MOST = 64;
  private static final int LONGEST_NAME = 64;

  /** Most names are those of known fields, which all entries have in common. */
  private static final int NAME_AND_DIGEST = 24;

  private final String endpoint;
  private final String[] names;
  private final int[] digests;

  private FieldDigests(String endpoint, String[] names, int[] digests) {
    this.endpoint = endpoint;
    this.names = names;
    this.digests = digests;
  }

  /** Collects the digests of one request after another. One thread at a time. */
  public static final class Builder {
    private final String[] names = new String[MOST];
    private final int[] digests = new int[MOST];
    private int size;
    private boolean tooMuch;

    /** Adds a field; of several values of one field, their digests count together. */
    public void add(String name, int digest) {
      int at = size;
      while (at > 0 && names[at - 1].compareTo(name) >= 0) {
        at--;
      }
      if (at < size && names[at].equals(name)) {
        digests[at] = 31 * digests[at] + digest;
      } else if (size == MOST || name.length() > LONGEST_NAME) {
        tooMuch = true;
      } else {
        System.arraycopy(names, at, names, at + 1, size - at);
        System.arraycopy(digests, at, digests, at + 1, size - at);
        names[at] = name;
        digests[at] = digest;
        size++;
      }
    }

    /**
     * The digests of what was added, and none of it is left; {@link #NONE} if there were too many
     * fields, or a name was too long.
     *
     * @param endpoint the path without its query
     */
    public FieldDigests build(String endpoint) {
      FieldDigests built =
          tooMuch
              ? NONE
              : new FieldDigests(
                  endpoint, Arrays.copyOf(names, size), Arrays.copyOf(digests, size));
      Arrays.fill(names, 0, size, null);
      size = 0;
      tooMuch = false;
      return built;
    }
  }

  /** Whether anything is known. */
  public boolean isKnown() {
    return this != NONE;
  }

  /** Whether both are known, and of one endpoint. */
  public boolean isComparableTo(FieldDigests other) {
    return isKnown() && endpoint.equals(other.endpoint);
  }

  /** The names of the fields that only one of both has, or that differ; sorted. */
  public List<String> differing(FieldDigests other) {
    List<String> differing = new ArrayList<>();
    int here = 0;
    int there = 0;
    while (here < names.length || there < other.names.length) {
      int order = order(here, other, there);
      if (order != 0 || digests[here] != other.digests[there]) {
        differing.add(order <= 0 ? names[here] : other.names[there]);
      }
      here += order <= 0 ? 1 : 0;
      there += order >= 0 ? 1 : 0;
    }
    return differing;
  }

  private int order(int here, FieldDigests other, int there) {
    if (here == names.length) {
      return 1;
    }
    return there == other.names.length ? -1 : names[here].compareTo(other.names[there]);
  }

  /** Bytes that it takes in memory, about. */
  public int weight() {
    return isKnown() ? 64 + NAME_AND_DIGEST * names.length : 0;
  }
}
