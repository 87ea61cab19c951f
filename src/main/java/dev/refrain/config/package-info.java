/**
 * What can be set.
 *
 * <p>Read in this order: {@code conf/refrain.yaml}, {@link dev.refrain.config.Config}, {@link
 * dev.refrain.config.ConfigLoader}, then {@code Check} for the ranges and {@code BindingErrors} for
 * the messages.
 *
 * <p>Stands between: the operator's file and environment, and everybody who is given a value.
 *
 * <p>Depends on: nothing of ours; Jackson for YAML.
 *
 * <p>Must never know: what a value is used for. Nothing here logs, as the level of the log is read
 * here.
 *
 * <p>Always true: a {@link dev.refrain.config.Config} that exists is valid; every key stands in the
 * reference file with its default, its unit and its range; an error is one line; no secret is
 * printed.
 *
 * <p>Decisions: the reference file is the source of the defaults, so that what is documented is
 * what happens.
 */
package dev.refrain.config;
