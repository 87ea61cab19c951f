package dev.refrain.scenario;

import static dev.refrain.testing.Examples.chunk;
import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.testing.Examples;
import dev.refrain.testing.Gate;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import dev.refrain.testing.Script;
import dev.refrain.testing.ScriptedUpstream;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Small writes leave at once: Nagle's algorithm and delayed acknowledgements cost 40 ms a token.
 */
class TokenLatencyIT {
  private static final int TOKENS = 200;

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aTokenIsNotHeldBackForTheOneBefore(boolean shared) throws Exception {
    Gate[] gates = Stream.generate(Gate::new).limit(TOKENS).toArray(Gate[]::new);
    Script script = Script.events();
    for (Gate gate : gates) {
      script = script.pause(gate).data(chunk("a", null));
    }
    try (ScriptedUpstream upstream =
            ScriptedUpstream.playing(script.data(chunk("", "stop")).done());
        Proxy proxy = Proxy.before(upstream);
        RawClient client = proxy.connect()) {
      client.post(shared ? Examples.streaming("t") : Examples.samplingStream("t"));
      gates[0].open();
      RawClient.Answer answer = client.answer();
      answer.until("\n\n");

      long[] nanos = new long[TOKENS - 1];
      for (int i = 1; i < TOKENS; i++) {
        client.acknowledgeLate();
        long begin = System.nanoTime();
        gates[i].open();
        answer.until("\n\n");
        nanos[i - 1] = System.nanoTime() - begin;
      }
      Arrays.sort(nanos);

      // Who waits for an acknowledgement waits 40 ms for most of them.
      assertThat(Duration.ofNanos(nanos[nanos.length / 2])).isLessThan(Duration.ofMillis(25));
      assertThat(answer.text()).endsWith("data: [DONE]\n\n");
    }
  }
}
