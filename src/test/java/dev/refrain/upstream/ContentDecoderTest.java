package dev.refrain.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.refrain.inference.Failure;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContentDecoderTest {
  private static final long LIMIT = 1 << 20;

  /** Bytes that compress a little. */
  private static final byte[] TEXT = text();

  private static byte[] text() {
    Random random = new Random(1);
    byte[] text = new byte[100_000];
    for (int i = 0; i < text.length; i++) {
      text[i] = (byte) ('a' + random.nextInt(8));
    }
    return text;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"gzip", "x-gzip", "deflate", "raw deflate", "gzip, gzip", "deflate, gzip"})
  void whatWasEncodedIsDecodedHoweverItIsCut(String how) throws IOException {
    List<String> codings = List.of(how.replace("raw ", "").split(", "));
    byte[] encoded = TEXT;
    for (String coding : how.split(", ")) {
      encoded = encoded(coding, encoded);
    }
    for (int piece : new int[] {1, 7, 1000, encoded.length}) {
      Buffer plain = Buffer.buffer();
      ContentDecoder decoder = ContentDecoder.of(codings, LIMIT, plain::appendBuffer);
      for (int at = 0; at < encoded.length; at += piece) {
        int to = Math.min(encoded.length, at + piece);
        decoder.feed(Buffer.buffer(Arrays.copyOfRange(encoded, at, to)));
      }
      decoder.end();
      assertThat(plain.getBytes()).isEqualTo(TEXT);
    }
  }

  @Test
  void severalMembersOfGzipAreOneBodyAndPaddingBehindThemIsNothing() throws IOException {
    byte[] member = encoded("gzip", TEXT);
    Buffer body = Buffer.buffer().appendBytes(member).appendBytes(member).appendBytes(new byte[9]);
    assertThat(ContentDecoder.decode(List.of("gzip"), body, LIMIT).length())
        .isEqualTo(2 * TEXT.length);
  }

  @Test
  void aHeaderWithAllItsFieldsIsPassedOver() throws IOException {
    byte[] member = encoded("gzip", TEXT);
    Buffer body =
        Buffer.buffer()
            .appendBytes(Arrays.copyOf(member, 3))
            .appendByte((byte) (2 | 4 | 8 | 16))
            .appendBytes(Arrays.copyOfRange(member, 4, 10))
            .appendBytes(new byte[] {3, 0, 'a', 'b', 'c'})
            .appendString("name\0comment\0")
            .appendBytes(new byte[] {1, 2})
            .appendBytes(Arrays.copyOfRange(member, 10, member.length));
    Buffer plain = Buffer.buffer();
    ContentDecoder decoder = ContentDecoder.of(List.of("gzip"), LIMIT, plain::appendBuffer);
    for (byte one : body.getBytes()) {
      decoder.feed(Buffer.buffer(new byte[] {one}));
    }
    decoder.end();
    assertThat(plain.getBytes()).isEqualTo(TEXT);
  }

  @ParameterizedTest
  @CsvSource({"gzip, 5", "gzip, 100", "gzip, -1", "gzip, -8", "deflate, 1", "deflate, -1"})
  void aBodyThatEndsTooEarlyIsBroken(String coding, int length) throws IOException {
    byte[] encoded = encoded(coding, TEXT);
    int cut = length < 0 ? encoded.length + length : length;
    Buffer body = Buffer.buffer(Arrays.copyOf(encoded, cut));
    assertThatThrownBy(() -> ContentDecoder.decode(List.of(coding), body, LIMIT))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("too early");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "deflate"})
  void aBodyThatIsNotEncodedIsBroken(String coding) {
    Buffer body = Buffer.buffer("{\"choices\":[]}, which is no gzip and no deflate");
    assertThatThrownBy(() -> ContentDecoder.decode(List.of(coding), body, LIMIT))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("cannot be decompressed");
  }

  @Test
  void aBodyThatWasChangedIsBroken() throws IOException {
    byte[] encoded = encoded("gzip", TEXT);
    encoded[encoded.length - 8]++;
    assertThatThrownBy(() -> ContentDecoder.decode(List.of("gzip"), Buffer.buffer(encoded), LIMIT))
        .hasMessageContaining("cannot be decompressed");
  }

  @Test
  void anEmptyBodyIsEmpty() {
    assertThat(ContentDecoder.decode(List.of("gzip"), Buffer.buffer(), LIMIT).length()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "deflate", "gzip, gzip"})
  void aBodyThatGrowsOverTheLimitIsStoppedThere(String how) throws IOException {
    byte[] encoded = new byte[50 << 20];
    for (String coding : how.split(", ")) {
      encoded = encoded(coding, encoded);
    }
    Buffer plain = Buffer.buffer();
    ContentDecoder decoder =
        ContentDecoder.of(List.of(how.split(", ")), LIMIT, plain::appendBuffer);
    Buffer body = Buffer.buffer(encoded);
    assertThatThrownBy(() -> decoder.feed(body)).hasMessageContaining("more than " + LIMIT);
    assertThat((long) plain.length()).isLessThanOrEqualTo(LIMIT);
  }

  @Test
  void codingsAreThoseOfTheContentAndThenOfTheTransfer() {
    var headers =
        HttpHeaders.headers()
            .add("Content-Encoding", "GZIP , identity")
            .add("Content-Encoding", "br")
            .add("Transfer-Encoding", "deflate, chunked");
    assertThat(ContentDecoder.codings(headers)).containsExactly("gzip", "br", "deflate");
    assertThat(ContentDecoder.knows(ContentDecoder.codings(headers))).isFalse();
    assertThat(ContentDecoder.knows(List.of("gzip", "deflate"))).isTrue();
    assertThat(ContentDecoder.knows(List.of("gzip", "gzip", "gzip", "gzip"))).isFalse();
  }

  static byte[] encoded(String coding, byte[] plain) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream encoder =
        switch (coding) {
          case "deflate" -> new DeflaterOutputStream(out);
          case "raw deflate" -> new DeflaterOutputStream(out, new Deflater(9, true));
          default -> new GZIPOutputStream(out);
        }) {
      encoder.write(plain);
    }
    return out.toByteArray();
  }
}
