/**
 * The language of {@code POST /v1/completions}: what differs from the other endpoints.
 *
 * <p>Read in this order: {@link dev.refrain.openai.completions.Completions} (the endpoint as a
 * value), {@link dev.refrain.openai.completions.CompletionsLanguage}, {@code ChunkMatcher} over
 * {@code ChoiceDelta} (a stream made anew against what was sent).
 *
 * <p>Depends on: openai, json, sse, completion.
 *
 * <p>Must never know: HTTP, caches, the other endpoints.
 *
 * <p>Always true: what is doubtful proves nothing and renders to nothing.
 *
 * <p>Decisions: 0006 (one entry for both framings), 0021 (merging).
 */
package dev.refrain.openai.completions;
