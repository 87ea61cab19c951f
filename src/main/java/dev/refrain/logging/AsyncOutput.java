package dev.refrain.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import ch.qos.logback.core.encoder.Encoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * A bounded queue before a slow reader, and the thread that empties it. A logging thread never
 * waits: messages beyond the queue are dropped and counted.
 *
 * <p>The thread lingers before it looks again, so that at a high rate it takes many messages at
 * once, writes them at once, and need not be woken for each.
 */
final class AsyncOutput extends UnsynchronizedAppenderBase<ILoggingEvent> {
  private static final long LINGER_NANOS = Duration.ofMillis(5).toNanos();
  private static final int BATCH = 256;

  private final OutputStream out;
  private final Encoder<ILoggingEvent> encoder;
  private final BlockingQueue<ILoggingEvent> queue;
  private final LongAdder dropped = new LongAdder();
  private final Thread writer = new Thread(this::write, "refrain-log");
  private volatile boolean over;

  /**
   * A closed one.
   *
   * @param out may block
   * @param room messages that may wait
   */
  AsyncOutput(OutputStream out, Encoder<ILoggingEvent> encoder, int room) {
    this.out = out;
    this.encoder = encoder;
    this.queue = new ArrayBlockingQueue<>(room);
    this.writer.setDaemon(true);
    setName("outlet");
  }

  @Override
  public void start() {
    super.start();
    writer.start();
  }

  @Override
  protected void append(ILoggingEvent event) {
    event.prepareForDeferredProcessing();
    if (!queue.offer(event)) {
      dropped.increment();
    }
  }

  long dropped() {
    return dropped.sum();
  }

  /** Takes no more; has what waits written, if the reader takes it within this time. */
  void close(Duration patience) {
    stop();
    over = true;
    writer.interrupt();
    try {
      writer.join(patience.toMillis());
    } catch (InterruptedException impatient) {
      Thread.currentThread().interrupt();
    }
  }

  private void write() {
    List<ILoggingEvent> batch = new ArrayList<>(BATCH);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    while (!over || !queue.isEmpty()) {
      await(batch);
      queue.drainTo(batch, BATCH - batch.size());
      batch.forEach(event -> bytes.writeBytes(encoder.encode(event)));
      batch.clear();
      flush(bytes);
    }
  }

  private void await(List<ILoggingEvent> batch) {
    if (queue.isEmpty() && !over) {
      try {
        batch.add(queue.take());
      } catch (InterruptedException closing) {
        return; // there may be something left
      }
    }
    if (queue.size() < BATCH && !over) {
      LockSupport.parkNanos(LINGER_NANOS);
    }
  }

  private void flush(ByteArrayOutputStream bytes) {
    try {
      bytes.writeTo(out);
    } catch (IOException nobodyReads) {
      // there is nowhere to say it
    }
    bytes.reset();
  }
}
