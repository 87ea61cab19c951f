/**
 * The language of {@code POST /v1/completions}: what differs from the other endpoints.
 *
 * <p>Read {@link dev.refrain.openai.completions.Completions}: the endpoint as a value.
 *
 * <p>Depends on: openai, json, inference.
 *
 * <p>Must never know: HTTP, caches, the other endpoints.
 *
 * <p>Always true: a doubtful answer is not complete and is not rendered.
 *
 * <p>Decisions: 0006 (one entry for both framings), 0021 (merging).
 */
package dev.refrain.openai.completions;
