package dev.refrain.fanout;

import dev.refrain.completion.Completion;

/** A part and its answer. */
record Answered(Turn turn, Completion completion) {}
