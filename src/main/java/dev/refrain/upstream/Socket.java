package dev.refrain.upstream;

import io.netty.buffer.Unpooled;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.CombinedChannelDuplexHandler;
import io.netty.channel.MaxMessagesRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.impl.HttpClientConnectionInternal;

/** Access to the socket below a new HTTP/1 connection to a server that Vert.x does not offer. */
final class Socket {
  /**
   * Most bytes of one read, of which there is one a turn, and of what waits to be written: both are
   * in direct memory while either side is held back.
   */
  private static final int PIECE = 16 * 1024;

  private static final int FIRST_READ = 2 * 1024;
  private static final int SMALLEST_READ = 512;

  /** Writes left to the end of a turn; what is more is sent at once. */
  private static final int MOST_WRITES = 256;

  private static final String CODEC = "codec";
  private static final String GATE = "gate";

  private final ChannelHandlerContext handler;

  private Socket(ChannelHandlerContext handler) {
    this.handler = handler;
  }

  /** The socket of a connection that the pool made. */
  static Socket of(HttpConnection connection) {
    return new Socket(((HttpClientConnectionInternal) connection).channelHandlerContext());
  }

  /**
   * Makes ready a new connection.
   *
   * @param headerSize bytes that the header fields of a response may have
   * @param onExcess run when bytes come while no response is due
   */
  void begin(int headerSize, Runnable onExcess) {
    holdLittle();
    handler.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    ChannelPipeline pipeline = handler.pipeline();
    ResponseDecoder responses = new ResponseDecoder(headerSize, onExcess);
    pipeline.replace(
        CODEC, CODEC, new CombinedChannelDuplexHandler<>(responses, new HttpRequestEncoder()));
    pipeline.addBefore(handler.name(), GATE, new RequestGate(responses));
    // Sends what is written in a turn of the event loop at its end, after all that was read in it:
    // a peer is then woken for many messages at once.
    pipeline.addBefore(handler.name(), "flush", new FlushConsolidationHandler(MOST_WRITES, true));
    // Reports its close after all data received before.
    pipeline.addBefore(handler.name(), "hang-up", new OrderedClose());
  }

  // Over TLS, which has read before, reads are larger, but one a turn all the same.
  private void holdLittle() {
    ChannelConfig config = handler.channel().config();
    config.setWriteBufferWaterMark(new WriteBufferWaterMark(PIECE / 2, PIECE));
    if (config.getRecvByteBufAllocator() instanceof MaxMessagesRecvByteBufAllocator before) {
      before.maxMessagesPerRead(1);
    }
    config.setRecvByteBufAllocator(
        new AdaptiveRecvByteBufAllocator(SMALLEST_READ, FIRST_READ, PIECE).maxMessagesPerRead(1));
  }

  /** Whether it has carried a request. */
  boolean isUsed() {
    return handler.pipeline().get(RequestGate.class).isUsed();
  }

  /**
   * Closes it for good. The pool forgets it at once, and nothing that still waits to be written
   * holds it open.
   */
  void close() {
    handler.channel().close();
    handler.close();
  }

  /**
   * Delays the close of a server's connection until all data received before it is processed.
   *
   * <p>The client queues what comes faster than it is taken, and reports the close ahead of that
   * queue, so that a complete answer looks interrupted. Here the close is a message in the queue
   * like any other, one that cannot be read, and the connection stays open on this side until that
   * message is processed.
   */
  private static final class OrderedClose extends ChannelInboundHandlerAdapter {
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
}
