package dev.refrain.http;

import dev.refrain.memory.MemoryBudget.Use;
import dev.refrain.memory.Reservation;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.handler.flush.FlushConsolidationHandler;

/**
 * The bytes of one connection that its peer has not taken: how many wait in direct memory, and
 * since when none was taken. Whatever is written there counts: answers, streams, what passes
 * through, tunnels, with or without TLS.
 *
 * <p>Sends what is written in a turn of the event loop at its end, after all that was read in it: a
 * peer is then woken for many messages at once.
 */
final class SendQueue extends FlushConsolidationHandler implements SlowReaders.Reader {
  /** Writes left to the end of a turn; what is more is sent at once. */
  private static final int MOST_WRITES = 256;

  private static final long NOT_WAITING = Long.MAX_VALUE / 2;

  private final Channel channel;
  private final SlowReaders readers;
  private final Reservation unsent;
  private long written;
  private long taken;
  private boolean waiting;
  private long since;

  SendQueue(Channel channel, SlowReaders readers) {
    super(MOST_WRITES, true);
    this.channel = channel;
    this.readers = readers;
    this.unsent = readers.reserve(Use.UNSENT_BYTES);
  }

  /** Begins to count; ends with the connection. */
  void begin() {
    channel.pipeline().addFirst(this);
    readers.add(this);
    channel.closeFuture().addListener(closed -> end());
  }

  private void end() {
    readers.remove(this);
    unsent.release();
  }

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
    if (message instanceof ByteBuf bytes) {
      written += bytes.readableBytes();
    }
    context.write(message, promise);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) throws Exception {
    super.channelWritabilityChanged(context); // sends what it can
    isWaiting(System.nanoTime());
  }

  @Override
  public boolean isWaiting(long now) {
    ChannelOutboundBuffer queue = channel.unsafe().outboundBuffer();
    long pending = queue == null ? 0 : queue.totalPendingWriteBytes();
    if (pending == 0) {
      waiting = false;
      unsent.shrinkTo(0);
      return false;
    }
    long gone = written - pending + queue.currentProgress();
    if (!waiting || gone != taken) {
      since = now;
      taken = gone;
    }
    waiting = true;
    unsent.shrinkTo(pending);
    readers.grow(Use.UNSENT_BYTES, unsent, pending);
    return true;
  }

  @Override
  public Use use() {
    return Use.UNSENT_BYTES;
  }

  @Override
  public long since() {
    return waiting ? since : System.nanoTime() + NOT_WAITING;
  }

  // A reset: what the system holds for the peer is freed, and the peer learns that it has not all.
  // Closed at this level, because the handlers above would first write pending data.
  @Override
  public void cut() {
    end();
    if (channel.isOpen()) {
      channel.config().setOption(ChannelOption.SO_LINGER, 0);
    }
    ChannelHandlerContext context = channel.pipeline().context(this);
    if (context != null) {
      context.close();
    }
  }
}
