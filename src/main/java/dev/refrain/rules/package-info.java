/**
 * The operator's rules: which calls are stored, by what is known of a request before it is sent.
 *
 * <p>Read in this order: {@code Rules} (the list; the first rule that applies decides), {@code
 * Rule} (conditions and their effect), {@code Conditions}, {@code Rules.RequestFacts} (what they
 * look at), {@code RuleSettings} (a rule as the configuration file has it).
 *
 * <p>Stands between the request reader, which knows the facts, and nothing: pure functions.
 *
 * <p>Depends on: {@code inference}, {@code settings}. Must never know: bodies, caches.
 *
 * <p>Always true: no rule needs more of a body than the one scan that every request gets.
 *
 * <p>Decisions: docs/internals/decisions/0066.
 */
package dev.refrain.rules;
