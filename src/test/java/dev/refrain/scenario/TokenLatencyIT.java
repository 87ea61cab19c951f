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
      // Two small writes a token: with Nagle the second waits for the acknowledgement of the first.
      script = script.pause(gate).chunk("data: ").chunk(chunk("a", null) + "\n\n").chunk(": x\n\n");
    }
    try (ScriptedUpstream upstream =
            ScriptedUpstream.playing(script.data(chunk("", "stop")).done());
        Proxy proxy = Proxy.before(upstream);
        RawClient client = proxy.connect()) {
      client.post(shared ? Examples.streaming("t") : Examples.samplingStream("t"));
      gates[0].open();
      RawClient.Answer answer = client.answer();
      answer.until(": x\n\n");

      long begin = System.nanoTime();
      for (int i = 1; i < TOKENS; i++) {
        gates[i].open();
        answer.until(": x\n\n");
      }

      assertThat(Duration.ofNanos(System.nanoTime() - begin))
          .isLessThan(Duration.ofMillis(TOKENS * 20));
      assertThat(answer.text()).endsWith("data: [DONE]\n\n");
    }
  }
}
