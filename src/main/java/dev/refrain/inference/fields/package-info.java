/**
 * The role of each header field of a request: credential, part of the key, or ignored.
 *
 * <p>Read in this order: {@code FieldRoles.FieldRole} (the roles), {@code KnownFields} (the names),
 * {@code FieldRoles} (the rule, and the operator's exceptions), {@code FieldReading} (fields of
 * which only a part counts), {@code CountedFields} (the fields of one request that count), {@link
 * dev.refrain.inference.fields.Scope} (the callers that share answers).
 *
 * <p>Always true: a field whose name is not known is part of the fingerprint. What travels upstream
 * either counts or is on a list of fields that change no answer.
 *
 * <p>Must never know: what an endpoint or a body is.
 *
 * <p>Decisions: docs/internals/decisions/0046.
 */
package dev.refrain.inference.fields;
