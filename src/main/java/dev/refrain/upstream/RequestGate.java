package dev.refrain.upstream;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.PendingWriteQueue;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.ReferenceCountUtil;
import java.nio.channels.ClosedChannelException;

/**
 * Holds a request back until it is flushed, behind all that was read before: bytes that came until
 * then belong to no response of it, and nothing of it leaves. On the connection's event loop.
 */
final class RequestGate extends ChannelDuplexHandler {
  private final ResponseDecoder responses;
  private PendingWriteQueue waiting;

  RequestGate(ResponseDecoder responses) {
    this.responses = responses;
  }

  /** Whether a request has left. */
  boolean isUsed() {
    return responses.requests() > 0;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    waiting = new PendingWriteQueue(context);
  }

  @Override
  public void write(ChannelHandlerContext context, Object part, ChannelPromise promise) {
    boolean head = part instanceof HttpRequest;
    if (head && !responses.isReusable()) {
      ReferenceCountUtil.release(part);
      promise.tryFailure(NotSent.INSTANCE);
    } else if (head || !waiting.isEmpty()) {
      waiting.add(part, promise);
    } else {
      responses.sending(part);
      responses.written(context.write(part, promise));
    }
  }

  @Override
  public void flush(ChannelHandlerContext context) {
    while (!waiting.isEmpty()) {
      responses.sending(waiting.current());
      responses.written(waiting.removeAndWrite());
    }
    context.flush();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (!responses.isReusable()) {
      waiting.removeAndFailAll(NotSent.INSTANCE);
    }
    context.fireChannelRead(message);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    waiting.removeAndFailAll(new ClosedChannelException());
    context.fireChannelInactive();
  }

  /**
   * A request that did not leave, not a byte of it: its connection received something while no
   * response was due (RFC 9112 §9.2). Whatever the method, it may be sent on another connection.
   */
  static final class NotSent extends Exception {
    private static final long serialVersionUID = 1L;

    static final NotSent INSTANCE = new NotSent();

    private NotSent() {
      super("sent something before it was asked", null, false, false);
    }
  }
}
