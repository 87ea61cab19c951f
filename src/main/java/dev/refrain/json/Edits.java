package dev.refrain.json;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Replacements in a document that preserve all other bytes. */
public final class Edits {
  private record Edit(int from, int to, byte[] replacement) {}

  private final List<Edit> edits = new ArrayList<>();

  public Edits() {}

  /** A copy that can be added to. */
  public Edits(Edits other) {
    edits.addAll(other.edits);
  }

  /** Replaces {@code [from, to)}, and with it what was to be replaced inside; empty inserts. */
  public void replace(int from, int to, String replacement) {
    if (to > from) {
      edits.removeIf(edit -> edit.from >= from && edit.to <= to);
    }
    edits.add(new Edit(from, to, replacement.getBytes(StandardCharsets.UTF_8)));
  }

  /**
   * The document with the edits carried out; {@code original} itself where there are none. Large
   * parts of it are not copied, so that a long prompt is there once however many calls it takes.
   */
  public Buffer applyTo(Buffer original) {
    if (edits.isEmpty()) {
      return original;
    }
    edits.sort(Comparator.comparingInt(Edit::from));
    Rope out = new Rope();
    int at = 0;
    for (Edit edit : edits) {
      out.append(original, at, edit.from).append(edit.replacement);
      at = edit.to;
    }
    return out.append(original, at, original.length()).toBuffer();
  }
}
