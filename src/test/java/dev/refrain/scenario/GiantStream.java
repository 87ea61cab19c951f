package dev.refrain.scenario;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.testing.Dialect;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.Received;
import dev.refrain.testing.Script;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * One of two streams of 32 MiB, in events of 64 KiB that are alike only every 23rd time. Ids differ
 * as they do between calls. For a prompt that ends in the voice's number, or with it as a seed.
 */
final class GiantStream {
  static final int BYTES = 32 << 20;

  private static final int EVENT = 64 << 10;
  private static final int EVENTS = BYTES / EVENT;
  private static final int DIFFERENT = 23;
  private static final String HEAD = "data: {\"id\":\"cmpl-%d\",\"choices\":[{\"index\":0,";
  private static final String TAIL =
      ",\"logprobs\":null,\"finish_reason\":%s}],\"object\":\"chunk\",\"model\":\"m\"}\n\n";
  private static final int ID = HEAD.indexOf("%d");
  private static final int INDEX = HEAD.indexOf("\"index\":") - 1 + "\"index\":".length();
  private static final Map<Dialect, List<GiantStream>> VOICES =
      Map.of(Dialect.COMPLETIONS, voices(Dialect.COMPLETIONS), Dialect.CHAT, voices(Dialect.CHAT));

  private final byte[][] events = new byte[DIFFERENT][];
  private final byte[] last;
  private final Script script;

  private static List<GiantStream> voices(Dialect dialect) {
    return List.of(new GiantStream(dialect, 0), new GiantStream(dialect, 1));
  }

  private GiantStream(Dialect dialect, int number) {
    for (int i = 0; i < DIFFERENT; i++) {
      events[i] = event(dialect, number, (char) ('a' + i), "null");
    }
    last = event(dialect, number, 'z', "\"stop\"");
    Script singing = Script.events();
    byte[] size = (Integer.toHexString(EVENT) + "\r\n").getBytes(US_ASCII);
    byte[] end = "\r\n".getBytes(US_ASCII);
    for (int i = 0; i < EVENTS; i++) {
      singing = singing.raw(size).raw(event(i)).raw(end);
    }
    script = singing.done();
  }

  private static byte[] event(Dialect dialect, int voice, char letter, String finish) {
    String head = HEAD.formatted(voice);
    String tail = TAIL.formatted(finish);
    int text = EVENT - head.length() - dialect.piece("").length() - tail.length();
    String piece = dialect.piece(String.valueOf(letter).repeat(text));
    return (head + piece + tail).getBytes(US_ASCII);
  }

  private byte[] event(int number) {
    return number == EVENTS - 1 ? last : events[number % DIFFERENT];
  }

  /** What the upstream does for a request for one voice. */
  static Script answer(Received request) {
    Dialect dialect = Dialect.of(request);
    String prompt = dialect.question(request);
    int voice = Character.digit(prompt.charAt(prompt.length() - 1), 10);
    return VOICES.get(dialect).get(request.json().path("seed").asInt(voice)).script;
  }

  /** Reads a merged stream to its end: at each index its voice, every byte of it, under one id. */
  static void arrive(Dialect dialect, RawClient.Answer answer, int... voices) throws IOException {
    int[] next = new int[voices.length];
    byte[] came = new byte[EVENT];
    byte id = 0;
    for (int i = 0; i < voices.length * EVENTS; i++) {
      assertThat(answer.stream().readNBytes(came, 0, EVENT)).isEqualTo(EVENT);
      int index = came[INDEX] - '0';
      assertThat(index).as("index").isBetween(0, voices.length - 1);
      id = i == 0 ? came[ID] : id;
      assertThat(came[ID]).as("id").isEqualTo(id);
      came[ID] = (byte) ('0' + voices[index]);
      came[INDEX] = '0';
      byte[] expected = VOICES.get(dialect).get(voices[index]).event(next[index]++);
      assertThat(Arrays.equals(came, expected)).as("event %d, index %d", i, index).isTrue();
    }
    assertThat(answer.text()).isEqualTo("data: [DONE]\n\n");
  }
}
