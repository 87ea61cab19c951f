package dev.refrain.fuzz;

import dev.refrain.testing.MarkedCall;
import dev.refrain.testing.Received;
import dev.refrain.testing.Script;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** What an upstream does that keeps to no rule, drawn from a source of chance. */
final class UpstreamShots {
  private static final int PLACES = 1_000;
  private static final String STRANGER = "mark-stranger";
  private static final List<String> INTERIM =
      List.of(
          "HTTP/1.1 102 Processing\r\n\r\n",
          "HTTP/1.1 100 Continue\r\n\r\n",
          "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n",
          "HTTP/1.1 199 Other\r\nContent-Length: 4\r\nConnection: close\r\n\r\n",
          "HTTP/1.1 104 \r\nTransfer-Encoding: chunked\r\n\r\n");
  private static final List<String> MALFORMED =
      List.of(
          "SSH-2.0-x\r\n",
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
          "HTTP/1.1 200 OK\r\nX: \u0001\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno size\r\n");

  private final Random random;

  UpstreamShots(Random random) {
    this.random = random;
  }

  enum Body {
    WHOLE,
    HALF,
    MALFORMED,
    NONE
  }

  enum End {
    STAYS,
    CLOSES,
    RESETS
  }

  Shot next() {
    List<String> interim = new ArrayList<>();
    for (int left = random.nextInt(4); left > 0; left--) {
      interim.add(any(INTERIM));
    }
    Body body = Body.values()[random.nextInt(Body.values().length)];
    boolean mayStay = body == Body.WHOLE || body == Body.MALFORMED; // else it is waited for
    End end = any(mayStay ? List.of(End.values()) : List.of(End.CLOSES, End.RESETS));
    return new Shot(
        String.join("", interim),
        body,
        random.nextInt(PLACES),
        random.nextInt(4),
        random.nextBoolean(),
        random.nextInt(4) == 0,
        end);
  }

  private <T> T any(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  /**
   * What is done with each request of one shot.
   *
   * @param place by which a half or a malformed head is chosen
   * @param excess which bytes follow a whole answer
   * @param apart whether they follow in a write of their own
   * @param bytewise whether each byte is written alone
   */
  record Shot(
      String interim, Body body, int place, int excess, boolean apart, boolean bytewise, End end) {

    /** Whether what follows an answer comes with it, before anybody is given the connection. */
    boolean isInOneWrite() {
      return !apart && !bytewise;
    }

    /** Whether the upstream closes none itself. */
    boolean leavesConnections() {
      return end == End.STAYS;
    }

    Script script(Received request) {
      Script script = bytewise ? Script.silence().bytewise() : Script.silence();
      String first = interim + bytes(MarkedCall.answer(request));
      String then = body == Body.WHOLE ? excess(request) : "";
      script = apart ? script.raw(first).raw(then) : script.raw(first + then);
      return switch (end) {
        case STAYS -> script;
        case CLOSES -> script.hangUp();
        case RESETS -> script.cut();
      };
    }

    private String bytes(String answer) {
      return switch (body) {
        case WHOLE -> answer;
        case HALF -> answer.substring(0, answer.length() * place / PLACES);
        case MALFORMED -> MALFORMED.get(place % MALFORMED.size());
        case NONE -> "";
      };
    }

    private String excess(Received request) {
      return switch (excess) {
        case 0 -> "";
        case 1 -> "x";
        case 2 -> "HTTP/1.1 200 OK\r\nSet-Cookie: " + STRANGER + "\r\nX: ";
        default -> MarkedCall.answer(request, STRANGER);
      };
    }
  }
}
