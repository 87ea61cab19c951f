package dev.refrain.upstream;

/**
 * Limits of the response bytes in memory.
 *
 * @param whole most bytes of an answer that comes as one document
 * @param event most bytes of one event of a stream
 */
public record AnswerLimits(int whole, int event) {}
