package dev.refrain.scenario;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.testing.RawClient;
import dev.refrain.testing.Received;
import dev.refrain.testing.Script;
import java.io.IOException;
import java.util.Arrays;

/**
 * One of two streams of 32 MiB, in events of 64 KiB that are alike only every 23rd time. Ids differ
 * as they do between calls. For a prompt that ends in the voice's number, or with it as a seed.
 */
final class GiantStream {
  static final int BYTES = 32 << 20;

  private static final int EVENT = 64 << 10;
  private static final int EVENTS = BYTES / EVENT;
  private static final int DIFFERENT = 23;
  private static final String HEAD =
      "data: {\"id\":\"cmpl-%d\",\"choices\":[{\"index\":0,\"text\":\"";
  private static final String TAIL =
      "\",\"logprobs\":null,\"finish_reason\":%s}],\"object\":\"text_completion\",\"model\":\"m\"}\n\n";
  private static final int ID = HEAD.indexOf("%d");
  private static final int INDEX = HEAD.indexOf("\"index\":") - 1 + "\"index\":".length();
  private static final GiantStream[] VOICES = {new GiantStream(0), new GiantStream(1)};

  private final byte[][] events = new byte[DIFFERENT][];
  private final byte[] last;
  private final Script script;

  private GiantStream(int number) {
    for (int i = 0; i < DIFFERENT; i++) {
      events[i] = event(number, (char) ('a' + i), "null");
    }
    last = event(number, 'z', "\"stop\"");
    Script singing = Script.events();
    byte[] size = (Integer.toHexString(EVENT) + "\r\n").getBytes(US_ASCII);
    byte[] end = "\r\n".getBytes(US_ASCII);
    for (int i = 0; i < EVENTS; i++) {
      singing = singing.raw(size).raw(event(i)).raw(end);
    }
    script = singing.done();
  }

  private static byte[] event(int voice, char letter, String finish) {
    String head = HEAD.formatted(voice);
    String tail = TAIL.formatted(finish);
    int text = EVENT - head.length() - tail.length();
    return (head + String.valueOf(letter).repeat(text) + tail).getBytes(US_ASCII);
  }

  private byte[] event(int number) {
    return number == EVENTS - 1 ? last : events[number % DIFFERENT];
  }

  /** What the upstream does for a request for one voice. */
  static Script answer(Received request) {
    String prompt = request.json().path("prompt").asText();
    int voice = Character.digit(prompt.charAt(prompt.length() - 1), 10);
    return VOICES[request.json().path("seed").asInt(voice)].script;
  }

  /** Reads a merged stream to its end: at each index its voice, every byte of it, under one id. */
  static void arrive(RawClient.Answer answer, int... voices) throws IOException {
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
      byte[] expected = VOICES[voices[index]].event(next[index]++);
      assertThat(Arrays.equals(came, expected)).as("event %d, index %d", i, index).isTrue();
    }
    assertThat(answer.text()).isEqualTo("data: [DONE]\n\n");
  }
}
