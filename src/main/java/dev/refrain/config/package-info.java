/**
 * The configuration.
 *
 * <p>Read in this order: {@code conf/refrain.yaml}, {@link dev.refrain.config.Config}, {@link
 * dev.refrain.config.ConfigLoader}, then {@code Check} for the ranges and {@code BindingErrors} for
 * the messages.
 *
 * <p>Stands between: the operator's file and environment, and every consumer of a value.
 *
 * <p>Depends on: no other package; Jackson for YAML.
 *
 * <p>Must never know: what a value is used for. Nothing here logs, because the log level is read
 * here.
 *
 * <p>Always true: a {@link dev.refrain.config.Config} that exists is valid; every key stands in the
 * reference file with its default, its unit and its range; an error is one line; no secret is
 * printed.
 *
 * <p>Decisions: the reference file is the source of the defaults, so that the documentation matches
 * the behaviour.
 */
package dev.refrain.config;
