/**
 * What the endpoints of the API share, as functions from bytes to bytes. Each endpoint has a room
 * of its own below this one.
 *
 * <p>An endpoint is an {@link dev.refrain.openai.EndpointDefinition}: a {@link
 * dev.refrain.openai.RequestSchema} (its fields, the field whose elements are calls of their own,
 * its rule of determinism), an {@link dev.refrain.openai.AnswerShape} (the array of its elements,
 * finish reasons, fold rules) and a {@link dev.refrain.inference.Language} (documents and,
 * optionally, streams). Adding one takes such a value, a small language and a row in the root's
 * {@code Api}; {@code EchoesTest} does exactly that.
 *
 * <p>Read in this order. The way in: {@link dev.refrain.openai.RequestReader} (bytes to a request),
 * {@code BodyScan} (the one pass), {@code Field} (what each field means), {@code Scalar}, {@code
 * Prompts}, {@code LogitBias}, {@code StreamOptions} (how values are read), {@code Fingerprints}
 * (what is fingerprinted), {@code RequestBody} (what is sent on). How it is taken apart: {@code
 * SplitPoints} (where it can be), {@code SplitPlan} (whether it is), {@code SplitRequest}, {@code
 * PartBody}, {@code PartEntries} (the parts, and what an answer to all says of them). The way out:
 * {@code StreamEvidence} and {@code WholeProof} (what is whole), {@code Rendering} over {@code
 * Fold}, {@code Unfold} and {@code UsageStripper} (one entry, both framings), {@code AnswerLayout}
 * (where in an answer stands what parts of a request say differently), {@code WholeMerge}, {@code
 * StreamMerge} and {@code UsageSum} (one answer of many), {@link dev.refrain.openai.ErrorBody}.
 *
 * <p>Depends on: completion, json, sse; Jackson's streaming parser.
 *
 * <p>Must never know: HTTP, caches, who calls, a single endpoint.
 *
 * <p>Always true: what is not understood is not touched; values are copied as raw bytes; whatever
 * is doubtful proves nothing and renders to nothing; no message quotes a body.
 *
 * <p>Decisions: 0004 (fingerprint), 0005 (lenient types), 0006 (one entry for both framings), 0015
 * (division), 0021 (merging).
 */
package dev.refrain.openai;
