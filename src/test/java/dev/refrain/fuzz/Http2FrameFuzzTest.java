package dev.refrain.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.testing.Examples;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawHttp2;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Frames of any type, flags, length and stream behind a good preface (RFC 9113 §4, §6), between
 * requests that are sound: the connection ends or goes on, and the next calls are answered.
 */
class Http2FrameFuzzTest {
  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Script.json(Examples.ANSWER));
  private final Proxy proxy = Proxy.before(upstream.url(), "", "", "eventLoops: 1");

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  @Test
  void whateverFramesComeTheConnectionEndsOrGoesOn() throws Exception {
    Budget budget = Budget.of(600);
    Random random = new Random(budget.seed());
    try (LoggedDefects defects = new LoggedDefects();
        Innocents innocents = new Innocents(proxy)) {
      for (int done = 0; budget.allows(done); done++) {
        byte[] frames = frames(random);
        String what = "seed " + budget.seed() + ", frames " + Mutator.show(frames);
        fire(frames, random.nextBoolean(), what);
        innocents.succeed(what);
        assertThat(defects.seen()).as(what).isEmpty();
      }
    }
  }

  private void fire(byte[] frames, boolean asked, String what) throws IOException {
    try (RawHttp2 client = new RawHttp2(proxy.port())) {
      if (asked) {
        client.post(1, Examples.sampling("shot"));
      }
      client.send(frames);
      client.leave(); // nothing follows: a frame that is half here is not waited for
      client.farewell();
    } catch (SocketTimeoutException hangs) {
      throw new AssertionError("neither an end nor an answer: " + what, hangs);
    } catch (IOException closed) {
      // closed before all was sent, which is an end as well
    }
  }

  private static byte[] frames(Random random) {
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    for (int left = random.nextInt(8); left >= 0; left--) {
      frames.writeBytes(frame(random));
    }
    return frames.toByteArray();
  }

  private static byte[] frame(Random random) {
    int length = random.nextInt(8) == 0 ? random.nextInt(20_000) : random.nextInt(48);
    byte[] payload = new byte[length];
    random.nextBytes(payload);
    int said = random.nextInt(16) == 0 ? random.nextInt(1 << 24) : length;
    int stream = random.nextInt(8) == 0 ? random.nextInt() : random.nextInt(8);
    return ByteBuffer.allocate(9 + length)
        .put((byte) (said >> 16))
        .putShort((short) said)
        .put((byte) random.nextInt(random.nextInt(4) == 0 ? 256 : 10))
        .put((byte) random.nextInt(256))
        .putInt(stream)
        .put(payload)
        .array();
  }
}
