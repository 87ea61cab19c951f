/**
 * JSON as bytes: read once, compared, edited in place and merged, without a tree.
 *
 * <p>Read in this order: {@link dev.refrain.json.JsonCursor} (a cursor over a document), {@link
 * dev.refrain.json.Slice}, {@link dev.refrain.json.Member} and {@link dev.refrain.json.Slice.Span}
 * (values as they are written, and places), {@link dev.refrain.json.Edits} (bytes replaced in a
 * document), {@link dev.refrain.json.Canonical} (one form for equal values), {@link
 * dev.refrain.json.ObjectMerge} with {@link dev.refrain.json.MergeRule} (one object of many),
 * {@link dev.refrain.json.Json} (the parser and its limits), {@code Utf8}, {@code JsonEscapes},
 * {@code TextEnds} and {@code BytePattern} (bytes), {@link dev.refrain.json.StringMember} (one
 * member replaced).
 *
 * <p>Depends on: {@code inference}, for its failures and frames; Jackson's streaming parser.
 *
 * <p>Must never know: what a document means, who sent it, how it travels.
 *
 * <p>Always true: values are copied as raw bytes, so that numbers, escapes and repeated names stay
 * as they were sent; nesting is bounded; no message quotes a document.
 *
 * <p>Decisions: 0004 (fingerprint), 0021 (merging).
 */
package dev.refrain.json;
