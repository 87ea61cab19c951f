/**
 * The configuration.
 *
 * <p>Read in this order: {@code conf/refrain.yaml}, {@link dev.refrain.config.Config}, {@link
 * dev.refrain.config.ConfigLoader}, then {@code BindingErrors} for the messages.
 *
 * <p>Stands between: the operator's file and environment, and every consumer of a value.
 *
 * <p>Depends on: {@code settings} and {@code address}; the settings records of other packages,
 * which sections of the file are bound to; Jackson for YAML.
 *
 * <p>Must never know: what a value is used for. Nothing here logs, because the log level is read
 * here.
 *
 * <p>Always true: a {@link dev.refrain.config.Config} that exists is valid; every key stands in the
 * reference file with its default, its unit and its range; an error is one line; no secret is
 * printed.
 *
 * <p>Decisions: 0083 (the file is bound to the settings of the rooms). The reference file is the
 * source of the defaults, so that the documentation matches the behaviour.
 */
package dev.refrain.config;
