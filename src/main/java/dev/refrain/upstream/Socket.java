package dev.refrain.upstream;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.impl.HttpClientConnectionInternal;

/** The socket below a new connection of HTTP/1 to a server: what Vert.x does not show of it. */
final class Socket {
  /** Writes left to the end of a turn; what is more is sent at once. */
  private static final int MOST_WRITES = 256;

  private final ChannelHandlerContext handler;

  private Socket(ChannelHandlerContext handler) {
    this.handler = handler;
  }

  static Socket of(HttpConnection connection) {
    return new Socket(((HttpClientConnectionInternal) connection).channelHandlerContext());
  }

  /** Tells of its closing behind all that came before. */
  void hangUpInOrder() {
    handler.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    handler.pipeline().addBefore(handler.name(), "hang-up", new OrderedClose());
  }

  /**
   * Sends what is written in a turn of the event loop at its end, after all that was read in it: a
   * peer is then woken for many messages at once.
   */
  void sendByTurns() {
    handler.pipeline().addFirst(new FlushConsolidationHandler(MOST_WRITES, true));
  }
}
