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

      long begin = System.nanoTime();
      for (int i = 1; i < TOKENS; i++) {
        client.acknowledgeLate();
        gates[i].open();
        answer.until("\n\n");
      }

      assertThat(Duration.ofNanos(System.nanoTime() - begin))
          .isLessThan(Duration.ofMillis(TOKENS * 12));
      assertThat(answer.text()).endsWith("data: [DONE]\n\n");
    }
  }
}
