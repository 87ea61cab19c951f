package dev.refrain.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.upstream.RequestGate.NotSent;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.CombinedChannelDuplexHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The codec and the gate of one connection, without a socket. */
class ResponseDecoderTest {
  private static final String ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  private final AtomicInteger excesses = new AtomicInteger();
  private final ResponseDecoder responses = new ResponseDecoder(1024, excesses::incrementAndGet);
  private final EmbeddedChannel connection =
      new EmbeddedChannel(
          new CombinedChannelDuplexHandler<>(responses, new HttpRequestEncoder()),
          new RequestGate(responses));

  @AfterEach
  void close() {
    connection.finishAndReleaseAll();
  }

  @Test
  void anExchangeInGoodOrderLeavesTheConnectionReusable() {
    ask(HttpMethod.GET);
    assertThat(read(ANSWER)).containsExactly("200");
    assertThat(responses.isReusable()).isTrue();
    ask(HttpMethod.POST);
    assertThat(read(ANSWER)).containsExactly("200");
    assertThat(responses.requests()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {102, 104, 110, 199})
  void anInterimResponseIsSkippedAndTheConnectionServesOn(int status) {
    ask(HttpMethod.GET);
    assertThat(read("HTTP/1.1 " + status + " Wait\r\nX: y\r\n\r\n")).isEmpty();
    assertThat(read(ANSWER)).containsExactly("200");
    assertThat(responses.isReusable()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"\r\n", "x", "HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nX: ", ANSWER})
  void whatFollowsInTheSameReadClosesBehindTheResponse(String excess) {
    ask(HttpMethod.GET);
    assertThat(read(ANSWER + excess)).containsExactly("200 close", "not sent");
    assertThat(responses.isReusable()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"\r\n", "x", "HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nX: ", ANSWER})
  void whatComesWhileNothingIsAskedEndsTheConnection(String excess) {
    ask(HttpMethod.GET);
    written();
    read(ANSWER);
    assertThat(read(excess)).containsExactly("not sent");
    assertThat(read(ANSWER)).as("the rest is dropped").isEmpty();
    assertThat(ask(HttpMethod.GET).cause()).isSameAs(NotSent.INSTANCE);
    assertThat(written()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"HTTP/1.1 408 Request Timeout, 0", "HTTP/1.0 408 Idle, 0", "HTTP/1.1 200 OK, 1"})
  void aTimeOutThatEndsAnIdleConnectionIsNoExcess(String line, int expected) {
    ask(HttpMethod.GET);
    read(ANSWER);
    assertThat(read(line + "\r\n\r\n")).containsExactly("not sent");
    assertThat(excesses).hasValue(expected);
    assertThat(responses.isReusable()).isFalse();
  }

  @Test
  void aRequestThatWaitsForItsFlushDoesNotLeaveOnceSomethingStaleIsRead() {
    ask(HttpMethod.GET);
    read(ANSWER);
    written();
    ChannelFuture waiting = connection.write(request(HttpMethod.POST));
    assertThat(read(ANSWER)).containsExactly("not sent");
    connection.flush();
    assertThat(waiting.cause()).isSameAs(NotSent.INSTANCE);
    assertThat(written()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"HEAD, 200", "GET, 204", "GET, 304"})
  void aBodyWhereThereIsNoneIsAnExcess(String method, int status) {
    ask(HttpMethod.valueOf(method));
    String head = "HTTP/1.1 " + status + " OK\r\nContent-Length: 2\r\n\r\n";
    assertThat(read(head)).containsExactly(String.valueOf(status));
    assertThat(read("ok")).containsExactly("not sent");
  }

  @Test
  void aResponseThatEndsBeforeItsRequestIsTheLastOfItsConnection() {
    connection.writeOneOutbound(
        new io.netty.handler.codec.http.DefaultHttpRequest(
            HttpVersion.HTTP_1_1, HttpMethod.POST, "/"));
    connection.flushOutbound();
    assertThat(read(ANSWER)).containsExactly("200 close");
    assertThat(responses.isReusable()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "HTTP/1.1 101 Switching Protocols#Upgrade: x##|switched protocols unasked",
        "SSH-2.0-OpenSSH_9.2#|did not answer in HTTP/1.1",
        "ICY 200 OK##|did not answer in HTTP/1.1",
        "HTTP/2.0 200 OK##|did not answer in HTTP/1.1",
        "HTTP/1.1 two OK##|did not answer in HTTP/1.1",
        "HTTP/1.1 20 OK##|did not answer in HTTP/1.1",
        "HTTP/1.1 -200 OK##|did not answer in HTTP/1.1",
        "HTTP/1.1 200 OK#Content-Length: 1#Content-Length: 2##|sent a Content-Length that is not "
            + "valid, or several that differ",
        "HTTP/1.1 200 OK#Content-Length: -1##|sent a Content-Length that is not valid, or several "
            + "that differ",
        "HTTP/1.1 200 OK#Content-Length: 2#Transfer-Encoding: chunked##|sent both Content-Length "
            + "and Transfer-Encoding",
        "HTTP/1.0 200 OK#Transfer-Encoding: chunked##|sent Transfer-Encoding in HTTP/1.0",
        "HTTP/1.1 200 OK#X: a\u0001b#Content-Length: 2##|sent a header field that is not valid",
        "HTTP/1.1 200 O\u001bK#Content-Length: 2##|did not answer in HTTP/1.1",
      })
  void aMalformedHeadIsSaidInWords(String head, String words) {
    ask(HttpMethod.GET);
    assertThat(read(head.replace("#", "\r\n"))).first().isEqualTo(words);
    assertThat(read(ANSWER)).as("the rest is dropped").isEmpty();
    assertThat(responses.isReusable()).isFalse();
  }

  @Test
  void aHeadOverTheBoundIsMalformed() {
    ask(HttpMethod.GET);
    assertThat(read("HTTP/1.1 200 OK\r\nX: " + "y".repeat(1025) + "\r\n\r\n"))
        .containsExactly("sent more header fields than upstreams[].headerSize allows");
  }

  @Test
  void equalContentLengthsAreOne() {
    ask(HttpMethod.GET);
    assertThat(read(ANSWER.replace("\r\n\r\n", "\r\nContent-Length: 2\r\n\r\n")))
        .containsExactly("200");
  }

  @ParameterizedTest
  @ValueSource(strings = {"xyz\r\n", "-1\r\n", "2\r\nokk\r\n"})
  void aMalformedChunkIsSaidInWords(String chunk) {
    ask(HttpMethod.GET);
    read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    assertThat(read(chunk)).containsExactly("sent a chunk that is not valid");
  }

  private ChannelFuture ask(HttpMethod method) {
    ChannelFuture sent = connection.write(request(method));
    connection.flush();
    return sent;
  }

  private static DefaultFullHttpRequest request(HttpMethod method) {
    return new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, method, "/");
  }

  private String written() {
    StringBuilder text = new StringBuilder();
    for (ByteBuf part = connection.readOutbound(); part != null; part = connection.readOutbound()) {
      text.append(part.toString(StandardCharsets.US_ASCII));
      part.release();
    }
    return text.toString();
  }

  /** Heads by their status, with {@code close} where that is said, and failures by their words. */
  private List<String> read(String bytes) {
    connection.writeInbound(Unpooled.copiedBuffer(bytes, StandardCharsets.ISO_8859_1));
    List<HttpObject> came = new ArrayList<>();
    for (HttpObject part = connection.readInbound();
        part != null;
        part = connection.readInbound()) {
      came.add(part);
    }
    List<String> said = new ArrayList<>();
    for (HttpObject part : came) {
      if (part.decoderResult().isFailure()) {
        Throwable cause = part.decoderResult().cause();
        said.add(cause instanceof NotSent ? "not sent" : cause.getMessage());
      } else if (part instanceof HttpResponse head) {
        String last = head.headers().containsValue("Connection", "close", true) ? " close" : "";
        said.add(head.status().code() + last);
      }
      ReferenceCountUtil.release(part);
    }
    return said;
  }
}
