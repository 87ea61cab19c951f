package dev.refrain.json;

import dev.refrain.json.Slice.Span;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Replacements in a document, in order of place, that preserve all other bytes. */
public final class Edits {
  private static final byte[] NOTHING = {};

  private record Edit(int from, int to, byte[] replacement) {
    private int growth() {
      return replacement.length - (to - from);
    }

    private boolean isWithin(int start, int end) {
      return from >= start && to <= end;
    }
  }

  private final List<Edit> edits = new ArrayList<>(4);
  private int growth;

  public Edits() {}

  /** A copy that can be added to. */
  public Edits(Edits other) {
    edits.addAll(other.edits);
    growth = other.growth;
  }

  /** Whether there are none. */
  public boolean isEmpty() {
    return edits.isEmpty();
  }

  /** By how many bytes the document grows; negative if it shrinks. */
  public int growth() {
    return growth;
  }

  /** Removes a place. */
  public void cut(Span place) {
    replace(place.from(), place.to(), NOTHING);
  }

  /** Replaces a place of {@code source}, unless it already reads like this. */
  public void replace(byte[] source, Span place, byte[] replacement) {
    if (!Arrays.equals(source, place.from(), place.to(), replacement, 0, replacement.length)) {
      replace(place.from(), place.to(), replacement);
    }
  }

  /** Replaces {@code [from, to)}, and with it what was to be replaced inside; empty inserts. */
  public void replace(int from, int to, String replacement) {
    replace(from, to, replacement.getBytes(StandardCharsets.UTF_8));
  }

  /** The same with bytes, which must not change. */
  public void replace(int from, int to, byte[] replacement) {
    int at = edits.size();
    while (at > 0 && edits.get(at - 1).from > from) {
      at--;
    }
    if (to > from) {
      at = removeWithin(from, to, at);
    }
    Edit edit = new Edit(from, to, replacement);
    edits.add(at, edit);
    growth += edit.growth();
  }

  private int removeWithin(int from, int to, int at) {
    int left = at;
    for (int i = edits.size() - 1; i >= 0; i--) {
      if (edits.get(i).isWithin(from, to)) {
        growth -= edits.remove(i).growth();
        left -= i < at ? 1 : 0;
      }
    }
    return left;
  }

  /**
   * The document with the edits carried out; {@code original} itself where there are none. Large
   * parts of it are not copied, so that a long prompt is there once however many calls it takes.
   */
  public Buffer applyTo(Buffer original) {
    if (edits.isEmpty()) {
      return original;
    }
    Rope out = new Rope();
    int at = 0;
    for (Edit edit : edits) {
      out.append(original, at, edit.from).append(edit.replacement);
      at = edit.to;
    }
    return out.append(original, at, original.length()).toBuffer();
  }

  /** A copy of the document with the edits carried out. */
  public byte[] applyTo(byte[] original) {
    byte[] out = new byte[original.length + growth];
    int read = 0;
    int write = 0;
    for (Edit edit : edits) {
      int kept = edit.from - read;
      System.arraycopy(original, read, out, write, kept);
      System.arraycopy(edit.replacement, 0, out, write + kept, edit.replacement.length);
      write += kept + edit.replacement.length;
      read = edit.to;
    }
    System.arraycopy(original, read, out, write, original.length - read);
    return out;
  }
}
