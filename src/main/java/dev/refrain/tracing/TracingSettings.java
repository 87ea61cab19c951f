package dev.refrain.tracing;

/**
 * Settings of the trace exporter.
 *
 * @param endpoint base URL of an OTLP/HTTP collector
 * @param ratio part of the traces begun here that is kept, 0 to 1; who comes with a trace has
 *     decided already
 * @param version of this program
 */
public record TracingSettings(String endpoint, double ratio, String version) {}
