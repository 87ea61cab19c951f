/**
 * What the settings of every room are made of: sizes, secrets, checks of ranges, and watched files.
 *
 * <p>Read in this order: {@link dev.refrain.settings.Check} (ranges), {@link
 * dev.refrain.settings.Size}, {@link dev.refrain.settings.Secret}, {@link
 * dev.refrain.settings.ExpectedType} (the words of error messages), {@link
 * dev.refrain.settings.FileWatch} (files that settings come from).
 *
 * <p>Stands between: the configuration file and the settings records of the rooms, which the file
 * is bound to.
 *
 * <p>Depends on: {@code address}; Jackson's annotations; Vert.x for timers.
 *
 * <p>Must never know: a key of the file, or the purpose of a value.
 *
 * <p>Always true: a rejected value is a {@link dev.refrain.settings.Check.InvalidValue} with the
 * key and the expected form; no secret is printed.
 *
 * <p>Decisions: 0083 (the configuration file is bound to the settings of the rooms).
 */
package dev.refrain.settings;
