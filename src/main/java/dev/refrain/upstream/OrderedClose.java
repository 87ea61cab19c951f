package dev.refrain.upstream;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.vertx.core.http.HttpClosedException;

/**
 * Delays the close of a server's connection until all data received before it is processed.
 *
 * <p>The client queues what comes faster than it is taken, and reports the close ahead of that
 * queue, so that a complete answer looks interrupted. Here the close is a message in the queue like
 * any other, one that cannot be read, and the connection stays open on this side until that message
 * is processed.
 */
final class OrderedClose extends ChannelInboundHandlerAdapter {
  private static final DecoderResult CLOSED =
      DecoderResult.failure(new HttpClosedException("Connection was closed"));

  // The codec before us has seen it too, and sent on what ends with the connection.
  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event == ChannelInputShutdownEvent.INSTANCE) {
      HttpContent closing = new DefaultHttpContent(Unpooled.EMPTY_BUFFER);
      closing.setDecoderResult(CLOSED);
      context.fireChannelRead(closing);
      context.fireChannelReadComplete();
    } else {
      context.fireUserEventTriggered(event);
    }
  }
}
