/**
 * The language of {@code POST /v1/embeddings}: what differs from the other endpoints.
 *
 * <p>Read in this order: {@link dev.refrain.openai.embeddings.Embeddings} (the endpoint as a
 * value), {@code EmbeddingsLanguage}.
 *
 * <p>Depends on: openai, inference.
 *
 * <p>Must never know: HTTP, caches, the other endpoints.
 *
 * <p>Always true: every element has a vector, or the answer is not complete; vectors are copied as
 * they are written.
 *
 * <p>Decisions: 0060 (batches), 0061 (embeddings).
 */
package dev.refrain.openai.embeddings;
