package dev.refrain.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.MaxMessagesRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.util.AttributeKey;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.HttpServerConnection;
import io.vertx.core.internal.http.HttpServerRequestInternal;
import java.nio.charset.StandardCharsets;

/**
 * Access to the socket below a connection that Vert.x does not offer. A connection that is upgraded
 * to HTTP/2 becomes another object on the same socket; an answer to half a request can be written
 * nowhere else.
 */
final class Socket {
  private static final AttributeKey<ConnectionTimer> VISIT = AttributeKey.valueOf("refrain.visit");

  /** Bytes that wait in direct memory before a writer is held back, and when it may go on. */
  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(BodyWriter.PIECE / 2, BodyWriter.PIECE);

  /** Bytes that the system holds beyond those under way; other systems have no such bound. */
  private static final long NOT_SENT = 2L * BodyWriter.PIECE;

  private final Channel channel;

  private Socket(Channel channel) {
    this.channel = channel;
  }

  static Socket of(HttpConnection connection) {
    return new Socket(((HttpServerConnection) connection).channelHandlerContext().channel());
  }

  /** Delivers requests directly, because Vert.x itself answers those of an unknown version. */
  static void lead(HttpConnection connection, Handler<HttpServerRequest> door) {
    ((HttpServerConnection) connection).handler(door);
  }

  /** Whether a request says to which host, in the form of one; makes nothing of it. */
  static boolean isToAHost(HttpServerRequest request) {
    return ((HttpServerRequestInternal) request).isValidAuthority();
  }

  /** The timer of the connection, or null. */
  ConnectionTimer timer() {
    return channel.attr(VISIT).get();
  }

  /** Sets the timer of the connection. */
  void enter(ConnectionTimer timer, Runnable left) {
    channel.attr(VISIT).set(timer);
    channel.closeFuture().addListener(closed -> left.run());
  }

  /** Sends by turns, holds little for a peer that takes nothing, and has it watched. */
  void send(SlowReaders readers) {
    channel.config().setWriteBufferWaterMark(WATER_MARK);
    channel.config().setOption(EpollChannelOption.TCP_NOTSENT_LOWAT, NOT_SENT);
    if (channel.config().getRecvByteBufAllocator()
        instanceof MaxMessagesRecvByteBufAllocator reads) {
      reads.maxMessagesPerRead(1); // what is read of a body that must wait stays in direct memory
    }
    new SendQueue(channel, readers).begin();
  }

  /** Waits for what its caller says in HTTP/2, if it has just been upgraded to that. */
  void awaitPreface() {
    boolean upgraded = !isPlain() && channel.pipeline().get("h2c") != null;
    if (upgraded) {
      channel.pipeline().addAfter("h2c", null, new PrefaceHandler());
    }
  }

  /** Ends the timeout before the first request, which would go on for every silence after it. */
  void endFirstTimeout() {
    if (channel.pipeline().get("idle") != null) {
      channel.pipeline().remove("idle");
    }
  }

  /** Whether it is one of HTTP/2 with requests under way. */
  boolean hasStreams() {
    Http2ConnectionHandler http2 = channel.pipeline().get(Http2ConnectionHandler.class);
    return http2 != null && http2.connection().numActiveStreams() > 0;
  }

  /** Whether bytes of HTTP/1.1 may be written to it. */
  boolean isPlain() {
    return channel.pipeline().get(Http2ConnectionHandler.class) == null;
  }

  /** Writes these last bytes, past the encoder, which expects an answer to something. Closes. */
  void lastWords(String text) {
    channel
        .pipeline()
        .context("httpEncoder")
        .writeAndFlush(Unpooled.copiedBuffer(text, StandardCharsets.UTF_8))
        .addListener(ChannelFutureListener.CLOSE);
  }

  /** Ends it at once, whatever waits to be written. */
  void cut() {
    channel.pipeline().get(SendQueue.class).cut();
  }

  /** Sends what is written, at the latest when the connection is closed within this turn. */
  void flush() {
    channel.flush();
  }

  void close() {
    channel.close();
  }
}
