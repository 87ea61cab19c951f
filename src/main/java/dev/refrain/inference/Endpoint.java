package dev.refrain.inference;

/**
 * An endpoint of the API, as metrics, traces and logs name it. There is one value for each; values
 * are compared by identity where that is cheaper.
 *
 * @param path below the upstream's base, for instance {@code /v1/completions}
 * @param label the value of the label {@code endpoint} in metrics, for instance {@code completions}
 * @param operation {@code gen_ai.operation.name} of OpenTelemetry's semantic conventions
 */
public record Endpoint(String path, String label, String operation) {}
