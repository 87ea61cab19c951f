package dev.refrain.demo;

import dev.refrain.demo.ChoiceGenerator.StopSequences;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A completion request as parsed by the simulated upstream. Fields as in the API, defaults filled
 * in.
 *
 * @param logprobs number of alternatives to report, or -1 for none at all
 * @param chat how a chat is answered; empty for a completion
 */
record SimulatedRequest(
    String model,
    List<Prompt> prompts,
    int maxTokens,
    int n,
    double temperature,
    OptionalLong seed,
    StopSequences stopSequences,
    boolean echo,
    int logprobs,
    boolean stream,
    boolean includeUsage,
    Optional<Chat> chat,
    boolean drifted) {

  /**
   * How a chat is answered.
   *
   * @param tool the function to be called; empty for an answer in words
   * @param reasons whether the answer begins with reasoning
   */
  record Chat(Optional<String> tool, boolean reasons) {}

  /** The same, answered by another model under the same name. */
  SimulatedRequest drift() {
    return new SimulatedRequest(
        model,
        prompts,
        maxTokens,
        n,
        temperature,
        seed,
        stopSequences,
        echo,
        logprobs,
        stream,
        includeUsage,
        chat,
        true);
  }

  int choices() {
    return prompts.size() * n;
  }

  int promptTokens() {
    return prompts.stream().mapToInt(prompt -> prompt.tokens().size()).sum();
  }

  /**
   * Where the text of one choice begins. A sample counts like the next seed, so that {@code n}
   * choices of one call and {@code n} calls with rising seeds say the same.
   *
   * @param call the number of the call, which only a sampled call without a seed depends on
   */
  long start(int prompt, int sample, long call) {
    long start = mix(hash(model), hash(prompts.get(prompt).identity()));
    start = mix(start, Double.doubleToLongBits(temperature + 0.0));
    start = mix(start, seed.orElse(0) + sample);
    start = drifted ? mix(start, 1) : start;
    return temperature > 0 && seed.isEmpty() ? mix(start, call) : start;
  }

  static long hash(String text) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
    }
    return hash;
  }

  private static long mix(long a, long b) {
    return (Long.rotateLeft(a, 23) ^ b) * 0x9e3779b97f4a7c15L;
  }
}
