package dev.refrain.sse;

import dev.refrain.inference.Frame;
import dev.refrain.json.Slice;
import dev.refrain.json.Slice.Span;
import dev.refrain.sse.EventLines.OneLine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Bytes in which some places are written anew, and all others stay. Places may be named in any
 * order; they do not overlap. For one thread.
 */
public final class Splice {
  private static final byte[] NOTHING = {};

  private record Edit(int from, int to, byte[] with) {}

  private final byte[] source;
  private final List<Edit> edits = new ArrayList<>(4);
  private int growth;

  public Splice(byte[] source) {
    this.source = source;
  }

  /** The same places, to which others may be added. */
  public Splice(Splice other) {
    source = other.source;
    edits.addAll(other.edits);
    growth = other.growth;
  }

  /** Takes a place away. */
  public void cut(Span place) {
    replace(place, NOTHING);
  }

  /** Writes a place anew; where it is written so already, nothing happens. */
  public void replace(Span place, byte[] with) {
    int from = place.from();
    int to = place.to();
    if (Arrays.equals(source, from, to, with, 0, with.length)) {
      return;
    }
    int at = edits.size();
    while (at > 0 && edits.get(at - 1).from > from) {
      at--;
    }
    edits.add(at, new Edit(from, to, with));
    growth += with.length - (to - from);
  }

  /** What a frame becomes whose data this is; itself if nothing in it is written anew. */
  public Frame frame(Frame frame) {
    if (edits.isEmpty()) {
      return frame;
    }
    byte[] data = bytes();
    int end = frame.to() + growth;
    if (frame.data() == frame.event()) {
      return new Frame(data, data, frame.from(), end);
    }
    // the data was spread over lines that cannot be separated any more
    return Frame.of(OneLine.of(new Slice(data, frame.from(), end)));
  }

  private byte[] bytes() {
    byte[] out = new byte[source.length + growth];
    int read = 0;
    int write = 0;
    for (Edit edit : edits) {
      int kept = edit.from - read;
      System.arraycopy(source, read, out, write, kept);
      System.arraycopy(edit.with, 0, out, write + kept, edit.with.length);
      write += kept + edit.with.length;
      read = edit.to;
    }
    System.arraycopy(source, read, out, write, source.length - read);
    return out;
  }
}
