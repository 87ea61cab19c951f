package dev.refrain.fanout;

import dev.refrain.inference.InferenceResponse;

/** A part and its answer. */
record AnsweredPart(RunningPart part, InferenceResponse response) {}
