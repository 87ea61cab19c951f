/**
 * The language of {@code POST /v1/completions}: what differs from the other endpoints.
 *
 * <p>Read in this order: {@link dev.refrain.openai.completions.Completions} (the endpoint as a
 * value), {@link dev.refrain.openai.completions.CompletionsLanguage}, {@code ChunkMatcher} over
 * {@code ChoiceDelta} (comparison of a repeated stream with the frames already sent).
 *
 * <p>Depends on: openai, json, sse, completion.
 *
 * <p>Must never know: HTTP, caches, the other endpoints.
 *
 * <p>Always true: a doubtful answer is not complete and is not rendered.
 *
 * <p>Decisions: 0006 (one entry for both framings), 0021 (merging).
 */
package dev.refrain.openai.completions;
