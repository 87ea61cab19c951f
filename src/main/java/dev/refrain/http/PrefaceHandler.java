package dev.refrain.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufHolder;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * Delays the response to an h2c upgrade request until the client has sent its HTTP/2 preface. An
 * answer that comes right behind the 101 is lost by Java's own client, now and then, if it has more
 * than 16 KiB.
 *
 * <p>Source: RFC 7540 §3.2, §3.5.
 */
final class PrefaceHandler extends ChannelInboundHandlerAdapter {
  /** Bytes of a body, from which on nothing is held any more. */
  private static final int MOST = 64 * 1024;

  private final Queue<Object> held = new ArrayDeque<>();
  private int bytes;

  /** Upgraded requests arrive as frames; HTTP/2 arrives as bytes. */
  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof ByteBuf) {
      context.fireChannelRead(message);
      leave(context);
      return;
    }
    held.add(message);
    if (message instanceof ByteBufHolder body) {
      bytes += body.content().readableBytes();
    }
    if (bytes > MOST) {
      leave(context);
    }
  }

  private void leave(ChannelHandlerContext context) {
    context.pipeline().remove(this);
    for (Object message = held.poll(); message != null; message = held.poll()) {
      context.fireChannelRead(message);
    }
    context.fireChannelReadComplete();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    held.forEach(ReferenceCountUtil::release);
    held.clear();
    context.fireChannelInactive();
  }
}
