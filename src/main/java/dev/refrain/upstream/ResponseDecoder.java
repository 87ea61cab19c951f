package dev.refrain.upstream;

import dev.refrain.upstream.RequestGate.NotSent;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Reads the responses on one connection to a server, one for each request, without pipelining. On
 * the connection's event loop.
 *
 * <p>Interim responses are dropped, but for 100 and 103, which the client distinguishes from the
 * response (RFC 9110 §15.2). The connection serves no further request after an exchange that did
 * not end in good order: the request is not fully sent, or bytes follow the response. What cannot
 * be read fails as {@link MalformedResponse}, and bytes that come while no response is due as
 * {@link NotSent}.
 */
final class ResponseDecoder extends HttpResponseDecoder {
  /** The status of a response that has no status line. */
  static final int NO_STATUS = 999;

  private static final String FAREWELL = "HTTP/1.1 408";
  private static final int MOST_INTERIM = 100;
  private static final int CONTINUE = 100;
  private static final int SWITCHING_PROTOCOLS = 101;
  private static final int EARLY_HINTS = 103;

  private final Runnable onExcess;
  private HttpMethod method; // of the request whose response is due, or null
  private boolean upgrade;
  private boolean requestEnded;
  private ChannelFuture written;
  private HttpResponse response;
  private int interim;
  private int requests;
  private boolean switched;
  private boolean broken;
  private boolean last;

  /**
   * A decoder for a new connection.
   *
   * @param headerSize bytes that the header fields of a response may have
   * @param onExcess run when bytes come while no response is due, but for a 408
   */
  ResponseDecoder(int headerSize, Runnable onExcess) {
    super(
        new HttpDecoderConfig()
            .setMaxHeaderSize(headerSize)
            .setAllowDuplicateContentLengths(true)); // equal ones are one (RFC 9110 §8.6)
    this.onExcess = onExcess;
  }

  /** A part of a request leaves; its head first. */
  void sending(Object part) {
    if (part instanceof HttpRequest request) {
      method = request.method();
      upgrade = request.headers().contains(HttpHeaderNames.UPGRADE);
      response = null;
      requestEnded = false;
      interim = 0;
      requests++;
    }
    requestEnded |= part instanceof LastHttpContent;
  }

  /** The part is being written. */
  void written(ChannelFuture part) {
    written = part;
  }

  /** Whether the connection may carry another request. */
  boolean isReusable() {
    return !last;
  }

  /** Requests sent so far. */
  int requests() {
    return requests;
  }

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out)
      throws Exception {
    if (broken) {
      in.skipBytes(in.readableBytes());
    } else if (method == null) {
      out.add(excess(in));
    } else {
      int from = out.size();
      super.decode(context, in, out);
      review(in, out, from);
    }
  }

  @Override
  protected void decodeLast(ChannelHandlerContext context, ByteBuf in, List<Object> out)
      throws Exception {
    int from = out.size();
    super.decodeLast(context, in, out);
    review(in, out, from);
  }

  // The client closes behind a response that says so, once its reader has all of it.
  private HttpContent excess(ByteBuf in) {
    if (!isFarewell(in)) {
      onExcess.run();
    }
    in.skipBytes(in.readableBytes());
    closeBehindResponse();
    broken = true;
    HttpContent message = new DefaultHttpContent(Unpooled.EMPTY_BUFFER);
    message.setDecoderResult(DecoderResult.failure(NotSent.INSTANCE));
    return message;
  }

  // Some servers say so when they close an idle connection (RFC 9110 §15.5.9).
  private static boolean isFarewell(ByteBuf in) {
    return in.readableBytes() >= FAREWELL.length()
        && in.toString(in.readerIndex(), FAREWELL.length(), StandardCharsets.US_ASCII)
            .replace("/1.0", "/1.1")
            .equals(FAREWELL);
  }

  private void closeBehindResponse() {
    last = true;
    if (response != null) {
      response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
  }

  private void review(ByteBuf in, List<Object> out, int from) {
    for (int i = from; i < out.size() && method != null && !switched && !broken; i++) {
      HttpObject message = (HttpObject) out.get(i);
      if (message.decoderResult().isFailure()) {
        fail(message, reason(message));
      } else if (message instanceof HttpResponse head) {
        i = review(head, out, i);
      } else if (message instanceof LastHttpContent) {
        end(in);
      }
    }
  }

  /** Returns the place of the last message that belongs to this head. */
  private int review(HttpResponse head, List<Object> out, int at) {
    int status = head.status().code();
    if (!isHttp1(head) || status < CONTINUE || status > NO_STATUS || !hasReasonInText(head)) {
      fail(head, MalformedResponse.of("did not answer in HTTP/1.1"));
    } else if (status == SWITCHING_PROTOCOLS) {
      switched = upgrade;
      if (!upgrade) {
        fail(head, MalformedResponse.of("switched protocols unasked"));
      }
    } else if (head.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
      return interim(head, out, at);
    } else {
      response = head;
    }
    return at;
  }

  // Behind each of them the decoder puts an end, which is not the response's.
  private int interim(HttpResponse head, List<Object> out, int at) {
    if (++interim > MOST_INTERIM) {
      fail(head, MalformedResponse.of("sent more than " + MOST_INTERIM + " interim responses"));
      return at;
    }
    int status = head.status().code();
    if (status == CONTINUE || status == EARLY_HINTS) {
      return at + 1;
    }
    out.remove(at + 1);
    out.remove(at);
    return at - 1;
  }

  // As it is written (RFC 9112 §2.3): for other spellings the codec makes an equal version, which
  // the client does not know.
  private static boolean isHttp1(HttpResponse head) {
    HttpVersion version = head.protocolVersion();
    return version == HttpVersion.HTTP_1_1 || version == HttpVersion.HTTP_1_0;
  }

  // RFC 9112 §4; the codec lets controls through.
  private static boolean hasReasonInText(HttpResponse head) {
    String reason = head.status().reasonPhrase();
    for (int i = 0; i < reason.length(); i++) {
      char c = reason.charAt(i);
      if (c < ' ' && c != '\t' || c == 0x7F) {
        return false;
      }
    }
    return true;
  }

  // A head that the connection's end cuts off is not malformed.
  private static Throwable reason(HttpObject message) {
    Throwable cause = message.decoderResult().cause();
    return cause instanceof PrematureChannelClosureException
        ? cause
        : MalformedResponse.of(message);
  }

  private void fail(HttpObject message, Throwable why) {
    broken = true;
    last = true;
    message.setDecoderResult(DecoderResult.failure(why));
  }

  private void end(ByteBuf in) {
    method = null;
    boolean sent = requestEnded && written.isSuccess();
    if (in.isReadable() || !sent) {
      closeBehindResponse();
    }
  }

  @Override
  protected boolean isContentAlwaysEmpty(HttpMessage message) {
    return method.equals(HttpMethod.HEAD) || super.isContentAlwaysEmpty(message);
  }
}
