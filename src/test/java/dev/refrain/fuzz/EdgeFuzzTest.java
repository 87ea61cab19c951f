package dev.refrain.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.testing.Examples;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Whatever comes in by the public port: what goes out is answers of ours, of which a 502 is the
 * worst, the connection ends, and the next good request is answered.
 */
class EdgeFuzzTest {
  private static final int PATIENCE_MILLIS = 20_000;
  private static final Pattern STATUS = Pattern.compile("(?m)^HTTP/1\\.[01] (\\d{3}) ");
  private static final List<String> WORDS =
      List.of(
          "\r\n",
          "\n",
          "\r",
          "\r\n\r\n",
          "\0",
          " ",
          ":",
          "\t",
          "\u00ff",
          "HTTP/1.1",
          "HTTP/1.0",
          "HTTP/2.0",
          "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
          "POST ",
          "GET ",
          "CONNECT ",
          "/v1/completions",
          "Content-Length: 5\r\n",
          "Content-Length: -1\r\n",
          "Transfer-Encoding: chunked\r\n",
          "Transfer-Encoding: identity\r\n",
          "Expect: 100-continue\r\n",
          "Connection: close\r\n",
          "Connection: upgrade\r\nUpgrade: websocket\r\n",
          "Upgrade: h2c\r\n",
          "0\r\n\r\n",
          "ffffffffffffffff\r\n",
          "5;x=y\r\nhello\r\n",
          "Host: \r\n",
          "X: " + "y".repeat(9000),
          "//../%00%zz?#",
          "*",
          "http://other/v1/completions",
          "Content-Encoding: gzip\r\n");

  private final ScriptedUpstream upstream = ScriptedUpstream.playing(Script.json(Examples.ANSWER));
  private final Proxy proxy =
      Proxy.before(
          upstream.url(),
          "",
          "",
          "eventLoops: 1, h2c: false, headerTimeout: 5s, bodyIdleTimeout: 5s, keepAliveTimeout: 5s");

  @AfterEach
  void stop() throws Exception {
    proxy.close();
    upstream.close();
  }

  @Test
  void everyRequestIsAnsweredOrEndsAndTheDoorLivesOn() throws Exception {
    Budget budget = Budget.of(400);
    Mutator mutator = new Mutator(budget.seed(), Corpus.of("edge"), WORDS);
    for (int done = 0; budget.allows(done); done++) {
      byte[] request = mutator.next();
      String answer = exchange(request);
      String what = "seed " + budget.seed() + ", request " + Mutator.show(request);
      assertThat(STATUS.matcher(answer).results().map(found -> found.group(1)))
          .as(what)
          .allMatch(status -> status.matches("100|200|4\\d\\d|50[124]"));
      if (done % 50 == 0) {
        assertThat(proxy.post(Examples.asking("good")).statusCode()).as(what).isEqualTo(200);
      }
    }
    assertThat(proxy.post(Examples.asking("good")).body()).isEqualTo(Examples.ANSWER);
  }

  /** Sends all, says that nothing follows, and reads until the door closes, as it must. */
  private String exchange(byte[] request) throws IOException {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
      socket.setSoTimeout(PATIENCE_MILLIS);
      try {
        socket.getOutputStream().write(request);
        socket.shutdownOutput();
        socket.getInputStream().transferTo(answer);
      } catch (java.net.SocketTimeoutException hangs) {
        throw new AssertionError("the connection hangs: " + Mutator.show(request), hangs);
      } catch (IOException reset) {
        // closed before all was sent, which is an end as well
      }
    }
    return answer.toString(StandardCharsets.ISO_8859_1);
  }
}
