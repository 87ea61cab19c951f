/**
 * What the endpoints of the API share, as functions from bytes to bytes. Each endpoint has a
 * subpackage of its own.
 *
 * <p>An endpoint is an {@link dev.refrain.openai.EndpointDefinition}: a {@link
 * dev.refrain.openai.RequestSchema} (its fields, the field whose elements are calls of their own,
 * its rule of determinism), an {@link dev.refrain.openai.AnswerShape} (the array of its elements,
 * finish reasons, fold rules) and a {@link dev.refrain.inference.Language} (documents and,
 * optionally, streams). Adding one takes such a value, a small language and a row in the root's
 * {@code Api}; {@code EchoesTest} does exactly that.
 *
 * <p>Read in this order. The way in: {@link dev.refrain.openai.RequestReader} (bytes to a request),
 * {@code BodyScan} (the one pass), {@code Field} (the meaning of each field), {@code Scalar},
 * {@code Prompts}, {@code LogitBias}, {@code StreamOptions} (values), {@code Numbering} (which of
 * several samples), {@code Fingerprints} (the fingerprint), {@code RequestDigests} (what is stored
 * beside an answer), {@code RequestBody} (the forwarded body). Splitting: {@code SplitPoints}
 * (where it is possible), {@code SplitPlan} (the decision), {@code SplitRequest}, {@code PartBody},
 * {@code PartEntries} (the parts, and their entries in an answer to all). The way out: {@code
 * StreamEvidence} and {@code AnswerScan.WholeProof} (completeness), {@code Rendering} over {@code
 * Fold}, {@code Unfold} and {@code UsageStripper} (one entry, both framings), {@code AnswerLayout}
 * (positions of the values that differ between parts), {@code WholeMerge}, {@code StreamMerge} and
 * {@code UsageSum} (merging), {@link dev.refrain.sse.ErrorBody}.
 *
 * <p>Depends on: {@code inference}, json, sse, rules; Jackson's streaming parser.
 *
 * <p>Must never know: HTTP, caches, callers, a single endpoint.
 *
 * <p>Always true: unknown content is not changed; values are copied as raw bytes; a doubtful answer
 * is not complete and is not rendered; no message quotes a body.
 *
 * <p>Decisions: 0004 (fingerprint), 0005 (lenient types), 0006 (one entry for both framings), 0015
 * (division), 0021 (merging), 0074 (samples), 0075 (digests).
 */
package dev.refrain.openai;
