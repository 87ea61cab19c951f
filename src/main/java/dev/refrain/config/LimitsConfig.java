package dev.refrain.config;

import dev.refrain.settings.Check;
import dev.refrain.settings.Size;

/**
 * The largest a request and its answer may be.
 *
 * @param memory that requests may hold together; 0 follows the heap
 * @param unsent bytes in sockets together; 0 follows direct memory
 * @param body of a request
 * @param answer held in memory at once
 * @param event of a stream
 * @param n choices a prompt
 * @param bestOf {@code best_of}
 * @param logprobs {@code logprobs}
 * @param temperature {@code temperature}
 * @param stop sequences in {@code stop}
 */
public record LimitsConfig(
    Size memory,
    Size unsent,
    Size body,
    Size answer,
    Size event,
    int n,
    int bestOf,
    int logprobs,
    double temperature,
    int stop) {
  private static final Size LARGEST = Size.gibibytes(1);
  private static final Size LARGEST_IN_ALL = Size.gibibytes(1024);
  private static final int MOST = 65_536;

  /** Checks the ranges. */
  public LimitsConfig {
    Check.sizeOrNone("memory", memory, LARGEST_IN_ALL);
    Check.sizeOrNone("unsent", unsent, LARGEST_IN_ALL);
    Check.size("body", body, LARGEST);
    Check.size("answer", answer, LARGEST);
    Check.size("event", event, LARGEST);
    Check.range("n", n, 1, MOST);
    Check.range("bestOf", bestOf, 1, MOST);
    Check.range("logprobs", logprobs, 0, MOST);
    Check.range("temperature", temperature, 0, 1000);
    Check.range("stop", stop, 1, MOST);
  }
}
