package dev.refrain.json;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Places in a document to be replaced, everything between them kept to the byte. */
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

  /** The document with the edits carried out; {@code original} itself where there are none. */
  public Buffer applyTo(Buffer original) {
    if (edits.isEmpty()) {
      return original;
    }
    edits.sort(Comparator.comparingInt(Edit::from));
    Buffer out = Buffer.buffer(length(original));
    int at = 0;
    for (Edit edit : edits) {
      out.appendBuffer(original, at, edit.from - at).appendBytes(edit.replacement);
      at = edit.to;
    }
    return out.appendBuffer(original, at, original.length() - at);
  }

  // What is cut out may be nearly all: a part of a request has room for itself, not for the whole.
  private int length(Buffer original) {
    int length = original.length();
    for (Edit edit : edits) {
      length += edit.replacement.length - (edit.to - edit.from);
    }
    return length;
  }
}
