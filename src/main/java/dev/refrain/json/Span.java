package dev.refrain.json;

/**
 * A value's place in the body.
 *
 * @param from first byte
 * @param to byte after the last
 */
public record Span(int from, int to) {}
