package dev.refrain.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.testing.Examples;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawHttp2;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Every byte in every part of a head, over both protocols: whatever Refrain makes of it, it answers
 * or ends the stream, nothing fails behind the door, and the next calls are answered.
 */
class ByteFuzzTest {
  private static final int PATIENCE_MILLIS = 20_000;
  private static final Pattern STATUS = Pattern.compile("(?m)^HTTP/1\\.[01] (\\d{3}) ");

  /** Where the byte stands. */
  private enum Part {
    NAME,
    VALUE,
    METHOD,
    PATH,
    QUERY,
    HOST
  }

  private record Shot(Part part, char value, boolean http2, boolean ours) {
    private String in(Part other, String plain) {
      int middle = plain.length() / 2;
      return part == other ? plain.substring(0, middle) + value + plain.substring(middle) : plain;
    }

    String method() {
      return in(Part.METHOD, "POST");
    }

    String target() {
      String path = ours ? "/v1/completions" : "/v1/chat/completions";
      String query = part == Part.QUERY ? "?a=" + value + "b" : "";
      return in(Part.PATH, path) + query;
    }

    String host() {
      return in(Part.HOST, "proxy");
    }

    String name() {
      return in(Part.NAME, "x-fuzz");
    }

    String field() {
      return in(Part.VALUE, "value");
    }
  }

  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Script.json(Examples.ANSWER));
  private final Proxy proxy = Proxy.before(upstream.url(), "", "", "eventLoops: 1");

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  @Test
  void everyByteInEveryPartOfAHeadIsAnsweredOrEndsItsStream() throws Exception {
    Budget budget = Budget.of(1200);
    List<Shot> shots = shots(budget.seed());
    try (LoggedDefects defects = new LoggedDefects();
        Innocents innocents = new Innocents(proxy)) {
      for (int done = 0; budget.allows(done); done++) {
        Shot shot = shots.get(done % shots.size());
        String what = "seed " + budget.seed() + ", " + shot.part + " " + (int) shot.value;
        fire(shot, what);
        innocents.succeed(what);
        assertThat(defects.seen()).as(what).isEmpty();
      }
    }
  }

  private static List<Shot> shots(long seed) {
    List<Shot> shots = new ArrayList<>();
    for (Part part : Part.values()) {
      for (char value = 0; value < 256; value++) {
        for (int kind = 0; kind < 4; kind++) {
          shots.add(new Shot(part, value, kind % 2 == 0, kind < 2));
        }
      }
    }
    Collections.shuffle(shots, new Random(seed));
    return shots;
  }

  private void fire(Shot shot, String what) throws IOException {
    try {
      if (shot.http2) {
        overHttp2(shot, what);
      } else {
        overHttp1(shot, what);
      }
    } catch (SocketTimeoutException hangs) {
      throw new AssertionError("no answer: " + what, hangs);
    }
  }

  private void overHttp2(Shot shot, String what) throws IOException {
    try (RawHttp2 client = new RawHttp2(proxy.port())) {
      client.request(
          1,
          Examples.sampling("shot"),
          ":method",
          shot.method(),
          ":scheme",
          "http",
          ":authority",
          shot.host(),
          ":path",
          shot.target(),
          "content-type",
          "application/json",
          shot.name(),
          shot.field());
      RawHttp2.Answer answer;
      try {
        answer = client.answer(1);
      } catch (SocketTimeoutException hangs) {
        throw hangs;
      } catch (IOException closed) {
        return; // an end as well
      }
      assertThat(answer.reset() >= 0 || isSound(answer.status())).as(what + answer).isTrue();
    }
  }

  private void overHttp1(Shot shot, String what) throws IOException {
    String body = Examples.sampling("shot");
    String request =
        "%s %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n%s: %s\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(
                shot.method(),
                shot.target(),
                shot.host(),
                shot.name(),
                shot.field(),
                body.length(),
                body);
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      socket.shutdownOutput();
      socket.getInputStream().transferTo(answer);
    } catch (SocketTimeoutException hangs) {
      throw hangs;
    } catch (IOException closed) {
      // an end as well
    }
    assertThat(STATUS.matcher(answer.toString(StandardCharsets.ISO_8859_1)).results())
        .as(what)
        .allMatch(found -> isSound(Integer.parseInt(found.group(1))));
  }

  private static boolean isSound(int status) {
    return status >= 200 && status < 500 || status == 501;
  }
}
