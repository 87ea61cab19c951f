/**
 * {@code POST /v1/chat/completions}: what differs from the other endpoints.
 *
 * <p>Read in this order: {@link dev.refrain.openai.chat.Chat} (the endpoint as a value), {@code
 * MessageChunks} (a message as chunks), {@code MessageDeltas} (what a repeated stream is compared
 * by).
 *
 * <p>Depends on: openai, json, inference.
 *
 * <p>Must never know: HTTP, caches, the other endpoints.
 *
 * <p>Always true: tool calls are told apart by their index alone; where that is not possible the
 * entry answers streams only, and nothing is invented.
 *
 * <p>Decisions: 0057 (chat completions), 0006 (one entry for both framings).
 */
package dev.refrain.openai.chat;
