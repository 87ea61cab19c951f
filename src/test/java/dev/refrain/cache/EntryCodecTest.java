package dev.refrain.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.inference.Entry;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.Framing;
import dev.refrain.inference.Head;
import dev.refrain.inference.Tokens;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class EntryCodecTest {
  private static final Fingerprint FINGERPRINT = Entries.fingerprint(42);
  private static final int BODY_LENGTH_AT_END = 4 + 2 + 4;

  private final EntryCodec codec = new EntryCodec(1 << 20);
  private final byte[] small = codec.encode(Entries.entry(FINGERPRINT, "{}")).orElseThrow();

  @Test
  void whatIsWrittenIsReadBackEqual() {
    Entry whole = Entries.entry(FINGERPRINT, Buffer.buffer("{\"ü\":\"\0\"}"), 1_700_000_000_000L);
    assertSame(codec.decode(FINGERPRINT, codec.encode(whole).orElseThrow()), whole);

    Head repeated = new Head(200, HttpHeaders.headers().add("x", "1").add("x", "2"));
    Entry twice =
        new Entry(FINGERPRINT, Framing.WHOLE, repeated, whole.body(), whole.tokens(), 1, "m", 5);
    assertSame(codec.decode(FINGERPRINT, codec.encode(twice).orElseThrow()), twice);

    Head bare = new Head(203, HttpHeaders.headers());
    Entry stream =
        new Entry(FINGERPRINT, Framing.STREAM, bare, Buffer.buffer(), Tokens.UNKNOWN, 0, "m", 5);
    assertSame(codec.decode(FINGERPRINT, codec.encode(stream).orElseThrow()), stream);
  }

  @Test
  void noBeginningOfAValueIsAnEntry() {
    for (int length = 0; length < small.length; length++) {
      assertNothing(Arrays.copyOf(small, length));
    }
  }

  @Test
  void aValueWithSomethingBehindItIsNoEntry() {
    assertNothing(Arrays.copyOf(small, small.length + 1));
    byte[] sealed = Arrays.copyOf(small, small.length + 5);
    assertNothing(seal(sealed));
  }

  @Test
  void noFlippedBitIsOverlooked() {
    for (int bit = 0; bit < small.length * 8; bit++) {
      byte[] flipped = small.clone();
      flipped[bit / 8] ^= (byte) (1 << bit % 8);
      assertNothing(flipped);
    }
  }

  @Test
  void aChangedByteUnderAMatchingChecksumNeverBreaksTheReader() {
    for (int at = 0; at < small.length - 4; at++) {
      for (int value = 0; value < 256; value++) {
        byte[] forged = small.clone();
        forged[at] = (byte) value;
        Optional<Entry> read = codec.decode(FINGERPRINT, seal(forged));
        read.ifPresent(entry -> assertThat(entry.fingerprint()).isEqualTo(FINGERPRINT));
      }
    }
  }

  @Test
  void aLengthBeyondTheValueIsNoEntry() {
    for (int length : new int[] {-1, 1, 3, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
      byte[] forged = small.clone();
      ByteBuffer.wrap(forged).putInt(forged.length - BODY_LENGTH_AT_END, length);
      assertNothing(seal(forged));
    }
  }

  @Test
  void theAnswerToAnotherRequestIsNoEntry() {
    assertThat(codec.decode(Entries.fingerprint(43), small)).isEmpty();
  }

  @Test
  void anotherVersionIsNoEntry() {
    for (int version = 0; version < 256; version++) {
      byte[] foreign = small.clone();
      foreign[0] = (byte) version;
      assertThat(codec.decode(FINGERPRINT, seal(foreign)).isPresent())
          .isEqualTo(version == EntryCodec.VERSION);
    }
  }

  @Test
  void lifetimeAndNamespaceAreReadAsTheyWereWrittenAndTakeAVersionOfTheirOwn() {
    Entry plain = Entries.entry(FINGERPRINT, "{}");
    for (Entry entry : List.of(with(plain, 60_000, ""), with(plain, 0, "n"), with(plain, 1, "n"))) {
      byte[] bytes = codec.encode(entry).orElseThrow();
      Entry read = codec.decode(FINGERPRINT, bytes).orElseThrow();

      assertThat(bytes[0]).isNotEqualTo((byte) EntryCodec.VERSION);
      assertThat(read.ttl()).isEqualTo(entry.ttl());
      assertThat(read.namespace()).isEqualTo(entry.namespace());
      assertThat(new EntryCodec(bytes.length).encode(entry)).isPresent();
      assertThat(new EntryCodec(bytes.length - 1).encode(entry)).isEmpty();
    }
    assertThat(codec.encode(plain).orElseThrow()[0]).isEqualTo((byte) EntryCodec.VERSION);
  }

  private static Entry with(Entry entry, long ttl, String namespace) {
    return new Entry(
        entry.fingerprint(),
        entry.framing(),
        entry.head(),
        entry.body(),
        entry.tokens(),
        entry.storedAt(),
        entry.model(),
        entry.scope(),
        ttl,
        namespace,
        entry.endpoint());
  }

  @Test
  void aLongBodyTakesFewerBytesAndComesBackAsItWas() {
    EntryCodec complete = EntryCodec.complete(1 << 20);
    String text = "data: {\"choices\":[{\"delta\":{}}]}\n\n".repeat(1000);
    for (Framing framing : Framing.values()) {
      Entry entry = of(framing, text);
      byte[] bytes = complete.encode(entry).orElseThrow();

      assertThat(bytes.length).isLessThan(text.length() / 20);
      assertSame(complete.decode(FINGERPRINT, bytes), entry);
      assertSame(codec.decode(FINGERPRINT, bytes), entry);
      assertThat(new EntryCodec(text.length() - 1).decode(bytes)).isEmpty();
    }
  }

  @Test
  void inRedisOnlyLongStreamsAreCompressed() {
    String text = "x".repeat(5000);
    assertThat(codec.encode(of(Framing.STREAM, text)).orElseThrow()).hasSizeLessThan(1000);
    assertThat(codec.encode(of(Framing.WHOLE, text)).orElseThrow()).hasSizeGreaterThan(5000);
    assertThat(codec.encode(of(Framing.STREAM, "short")).orElseThrow()[0]).isEqualTo((byte) 3);
  }

  @Test
  void whatDoesNotShrinkIsLeftAsItIs() {
    byte[] noise = new byte[5000];
    new Random(5).nextBytes(noise);
    Entry entry = Entries.entry(FINGERPRINT, Buffer.buffer(noise), 7);
    EntryCodec complete = EntryCodec.complete(1 << 20);
    byte[] bytes = complete.encode(entry).orElseThrow();
    assertThat(bytes.length).isBetween(5000, 5200);
    assertSame(complete.decode(bytes), entry);
  }

  @Test
  void aBombIsNoEntry() {
    int length = 1 << 20;
    byte[] bytes =
        EntryCodec.complete(2 * length)
            .encode(of(Framing.STREAM, "x".repeat(length)))
            .orElseThrow();
    assertThat(bytes.length).isLessThan(length / 100);
    assertThat(new EntryCodec(length - 1).decode(bytes).isPresent()).isFalse();

    // One that lies of its length.
    int at = indexOf(bytes, length);
    for (int lie : new int[] {0, 1, 1000, length - 1, length + 1, -1, Integer.MAX_VALUE}) {
      byte[] forged = bytes.clone();
      ByteBuffer.wrap(forged).putInt(at, lie);
      assertThat(new EntryCodec(2 * length).decode(seal(forged)).isPresent()).isFalse();
    }
  }

  private static int indexOf(byte[] bytes, int value) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    int at = 0;
    while (in.getInt(at) != value) {
      at++;
    }
    return at;
  }

  private static Entry of(Framing framing, String body) {
    Head head = new Head(200, HttpHeaders.headers().add("x", "1"));
    return new Entry(
        FINGERPRINT,
        framing,
        head,
        Buffer.buffer(body),
        Tokens.of(1, 2),
        3,
        "m",
        5,
        6,
        "n",
        "chat");
  }

  @Test
  void anErrorStatusIsNoEntry() {
    Head head = new Head(500, HttpHeaders.headers());
    Entry refused =
        new Entry(FINGERPRINT, Framing.WHOLE, head, Buffer.buffer("{}"), Tokens.UNKNOWN, 1, "m", 5);
    assertNothing(codec.encode(refused).orElseThrow());
  }

  @Test
  void randomBytesAreNoEntry() {
    Random random = new Random(7);
    for (int round = 0; round < 20_000; round++) {
      byte[] noise = new byte[random.nextInt(300)];
      random.nextBytes(noise);
      if (noise.length > 5) {
        noise[0] = EntryCodec.VERSION;
        seal(noise);
      }
      assertNothing(noise);
    }
  }

  @Test
  void theSizeLimitHoldsToTheByteInBothDirections() {
    Entry entry = Entries.entry(FINGERPRINT, "{}");
    assertThat(new EntryCodec(small.length).encode(entry)).isPresent();
    assertThat(new EntryCodec(small.length).decode(FINGERPRINT, small)).isPresent();
    assertThat(new EntryCodec(small.length - 1).encode(entry)).isEmpty();
    assertThat(new EntryCodec(small.length - 1).decode(FINGERPRINT, small)).isEmpty();
  }

  @Test
  void aHeadTooLongToBeReadIsNotWritten() {
    Head wide = new Head(200, HttpHeaders.headers().add("x", "y".repeat(4097)));
    Head many = new Head(200, HttpHeaders.headers());
    for (int i = 0; i < 33; i++) {
      many.headers().add("x", "y");
    }
    Entry entry = Entries.entry(FINGERPRINT, "{}");
    for (Head head : new Head[] {wide, many}) {
      assertThat(
              codec.encode(
                  new Entry(
                      FINGERPRINT, Framing.WHOLE, head, entry.body(), entry.tokens(), 1, "m", 5)))
          .isEmpty();
    }
  }

  private void assertNothing(byte[] bytes) {
    assertThat(codec.decode(FINGERPRINT, bytes)).isEmpty();
  }

  private static void assertSame(Optional<Entry> read, Entry written) {
    Entry entry = read.orElseThrow();
    assertThat(entry).usingRecursiveComparison().ignoringFields("head", "body").isEqualTo(written);
    assertThat(entry.body()).isEqualTo(written.body());
    assertThat(entry.head().status()).isEqualTo(written.head().status());
    assertThat(lines(entry)).isEqualTo(lines(written));
  }

  private static List<String> lines(Entry entry) {
    return entry.head().headers().entries().stream()
        .map(header -> header.getKey() + ": " + header.getValue())
        .toList();
  }

  private static byte[] seal(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, bytes.length - 4);
    ByteBuffer.wrap(bytes).putInt(bytes.length - 4, (int) crc.getValue());
    return bytes;
  }
}
