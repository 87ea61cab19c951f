package dev.refrain.metrics;

import dev.refrain.inference.Endpoint;
import dev.refrain.inference.FinishedRequest;
import dev.refrain.inference.Framing;
import dev.refrain.inference.Source;
import dev.refrain.inference.Tokens;

/** A request at its end, of which metrics count these. */
record Finished(
    Endpoint endpoint,
    int status,
    Framing framing,
    Source source,
    String rule,
    long nanos,
    String trace)
    implements FinishedRequest {
  @Override
  public String model() {
    return null;
  }

  @Override
  public String keyName() {
    return null;
  }

  @Override
  public String reason() {
    return "hit";
  }

  @Override
  public Tokens tokens() {
    return Tokens.UNKNOWN;
  }
}
