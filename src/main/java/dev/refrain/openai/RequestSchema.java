package dev.refrain.openai;

import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Schema of an endpoint's requests. {@link Field} adds the fields that servers have on every
 * endpoint; a field that is in neither is part of the fingerprint.
 *
 * @param fields the endpoint's own, with the ceilings that an operator may move
 * @param determinism which requests always have the same answer
 * @param batched whether parts that have to go upstream always go in one call, unless requests go
 *     upstream as they came
 */
public record RequestSchema(
    Function<Bounds, List<Field>> fields, Determinism determinism, boolean batched) {

  /** A schema of requests whose parts are sent as the upstream's mode says. */
  public RequestSchema(Function<Bounds, List<Field>> fields, Determinism determinism) {
    this(fields, determinism, false);
  }

  /** Which requests of an endpoint always have the same answer. */
  public enum Determinism {
    /** Those whose {@code temperature} is given and 0. */
    AT_TEMPERATURE_ZERO,
    /** All of them: nothing is drawn. */
    ALWAYS
  }

  /** The fields by name. */
  Map<String, Field> table(Bounds bounds) {
    return Field.table(fields.apply(bounds));
  }

  /** How a request is sent to an upstream of this mode. */
  ModelRoute.Mode mode(ModelRoute.Mode ofUpstream) {
    return batched && ofUpstream != ModelRoute.Mode.NATIVE ? ModelRoute.Mode.BATCH : ofUpstream;
  }

  /** Whether an answer can be drawn, so that there are several samples of it. */
  boolean draws() {
    return determinism != Determinism.ALWAYS;
  }

  /** Whether requests are deterministic. */
  boolean deterministic(boolean zeroTemperature) {
    return zeroTemperature || determinism == Determinism.ALWAYS;
  }

  /**
   * The numeric ceilings of the published schema, as far as servers are known to differ.
   *
   * @param n most completions a prompt
   * @param bestOf most candidates a prompt
   * @param logprobs most alternatives a token
   * @param temperature highest sampling temperature
   * @param stop most sequences that end a text
   * @param elements most completions of all prompts together; every stage that follows an answer
   *     keeps a mark for each
   */
  public record Bounds(
      int n, int bestOf, int logprobs, double temperature, int stop, int elements) {
    /** As published (August 2026): 2048 prompts, 128 completions each. */
    public static final Bounds PUBLISHED = new Bounds(128, 20, 5, 2, 4, 2048 * 128);
  }
}
