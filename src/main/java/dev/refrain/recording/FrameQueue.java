package dev.refrain.recording;

import dev.refrain.inference.Frame;
import io.vertx.core.buffer.Buffer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Frames counted from the beginning of a stream; appended at the end, forgotten from the front. */
final class FrameQueue {
  private Frame[] frames = new Frame[16];
  private int head;
  private int size;
  private long first;
  private long bytes;

  void add(Frame frame) {
    if (head + size == frames.length) {
      makeRoom();
    }
    frames[head + size++] = frame;
    bytes += weight(frame);
  }

  private void makeRoom() {
    int length = size > frames.length / 2 ? frames.length * 2 : frames.length;
    frames = Arrays.copyOf(Arrays.copyOfRange(frames, head, head + size), length);
    head = 0;
  }

  Frame get(long position) {
    return frames[head + (int) (position - first)];
  }

  void forgetBefore(long position) {
    while (first < position && size > 0) {
      bytes -= weight(frames[head]);
      frames[head++] = null;
      first++;
      size--;
    }
  }

  /** Position after the last frame. */
  long end() {
    return first + size;
  }

  /** Recorded bytes: those of the wire, plus the size of each object. */
  long bytes() {
    return bytes;
  }

  /** All frames remembered but comments, in a buffer of their size: it may be kept for long. */
  Buffer joined() {
    List<Frame> kept = remembered().filter(frame -> !frame.isComment()).toList();
    Buffer out = Buffer.buffer(kept.stream().mapToInt(Frame::length).sum());
    kept.forEach(frame -> frame.appendTo(out));
    return out;
  }

  private Stream<Frame> remembered() {
    return Arrays.stream(frames, head, head + size);
  }

  private static int weight(Frame frame) {
    return frame.length() + 64;
  }
}
