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
}
