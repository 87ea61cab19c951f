package dev.refrain.upstream;

/**
 * How much of an answer may be in memory at once.
 *
 * @param whole most bytes of an answer that comes as one document
 * @param event most bytes of one event of a stream
 */
public record AnswerLimits(int whole, int event) {}
