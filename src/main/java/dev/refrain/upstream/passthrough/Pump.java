package dev.refrain.upstream.passthrough;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import io.vertx.core.streams.WriteStream;
import java.util.function.Consumer;

/**
 * Carries bytes one way, each read as one write, and holds the source back while the sink is full:
 * what is under way is bounded by the buffers of two sockets. Ends nothing and fails nothing; its
 * owner, which knows both directions, does.
 */
final class Pump {
  private final ReadStream<Buffer> from;
  private final WriteStream<Buffer> to;
  private final Runnable progress;

  private Consumer<Buffer> copy = chunk -> {};
  private Runnable whenDelivered;
  private long bytes;
  private boolean held;
  private boolean stopped;
  private boolean discarding;

  /** {@code progress} is called whenever bytes moved, or may move again. */
  Pump(ReadStream<Buffer> from, WriteStream<Buffer> to, Runnable progress) {
    this.from = from;
    this.to = to;
    this.progress = progress;
  }

  /** Gives each chunk to somebody else, too. */
  void copyTo(Consumer<Buffer> other) {
    copy = other;
  }

  /** Begins; {@code end} is called when the source has ended normally. */
  void start(Handler<Void> end) {
    from.handler(this::move).endHandler(end);
  }

  private void move(Buffer chunk) {
    if (stopped) {
      return;
    }
    bytes += chunk.length();
    copy.accept(chunk);
    if (discarding) {
      progress.run();
      return;
    }
    to.write(chunk);
    if (to.writeQueueFull()) {
      held = true;
      from.pause();
      to.drainHandler(v -> drained());
    }
    progress.run();
  }

  private void drained() {
    if (stopped || !held) {
      return;
    }
    held = false;
    progress.run();
    from.resume();
    if (!held && whenDelivered != null) {
      whenDelivered.run();
    }
  }

  /** The source is closed: {@code action} runs once what it left behind is delivered. */
  void finish(Runnable action) {
    if (held) {
      whenDelivered = action;
    } else {
      action.run();
    }
  }

  /** The sink is gone: what still comes is only copied. */
  void discard() {
    discarding = true;
    if (held) {
      held = false;
      from.resume();
    }
  }

  /** From now on what comes is dropped. */
  void stop() {
    stopped = true;
  }

  /** Whether the sink is full. */
  boolean isHeld() {
    return held;
  }

  /** How many were carried. */
  long bytes() {
    return bytes;
  }
}
