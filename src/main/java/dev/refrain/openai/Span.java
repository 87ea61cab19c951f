package dev.refrain.openai;

/**
 * A value's place in the body.
 *
 * @param from first byte
 * @param to byte after the last
 */
record Span(int from, int to) {}
