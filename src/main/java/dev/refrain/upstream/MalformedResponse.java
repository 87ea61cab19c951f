package dev.refrain.upstream;

import io.netty.handler.codec.http.ContentLengthNotAllowedException;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.codec.http.TransferEncodingNotAllowedException;
import java.util.List;

/**
 * A response that is not HTTP/1.1, or no response to the request (RFC 9112). The message follows
 * the words "the upstream", and never holds bytes of the response.
 */
final class MalformedResponse extends Exception {
  private static final long serialVersionUID = 1L;

  private MalformedResponse(String what, Throwable cause) {
    super(what, cause, false, false);
  }

  static MalformedResponse of(String what) {
    return new MalformedResponse(what, null);
  }

  /** The reason why the decoder could not read a message. */
  static MalformedResponse of(HttpObject message) {
    Throwable cause = message.decoderResult().cause();
    return new MalformedResponse(words(message, cause), cause);
  }

  private static String words(HttpObject message, Throwable cause) {
    if (cause instanceof TooLongHttpHeaderException) {
      return "sent more header fields than upstreams[].headerSize allows";
    }
    if (!(message instanceof HttpResponse response)) {
      return "sent a chunk that is not valid";
    }
    if (cause instanceof TooLongHttpLineException) {
      return "sent a status line that is too long";
    }
    if (cause instanceof ContentLengthNotAllowedException) {
      return "sent both Content-Length and Transfer-Encoding";
    }
    if (cause instanceof TransferEncodingNotAllowedException) {
      return "sent Transfer-Encoding in HTTP/1.0";
    }
    return response.status().code() == ResponseDecoder.NO_STATUS
        ? "did not answer in HTTP/1.1"
        : field(response.headers());
  }

  private static String field(HttpHeaders headers) {
    if (!isLength(headers.getAll(HttpHeaderNames.CONTENT_LENGTH))) {
      return "sent a Content-Length that is not valid, or several that differ";
    }
    return headers.contains(HttpHeaderNames.TRANSFER_ENCODING)
            && !headers.contains(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED, true)
        ? "sent a Transfer-Encoding that is not valid"
        : "sent a header field that is not valid";
  }

  private static boolean isLength(List<String> values) {
    return values.stream().distinct().count() <= 1
        && values.stream().allMatch(value -> value.matches("[0-9]{1,18}"));
  }
}
