/**
 * What the settings of every room are made of: sizes, secrets, and checks of ranges.
 *
 * <p>Read in this order: {@link dev.refrain.settings.Check} (ranges), {@link
 * dev.refrain.settings.Size}, {@link dev.refrain.settings.Secret}, {@link
 * dev.refrain.settings.ExpectedType} (the words of error messages).
 *
 * <p>Stands between: the configuration file and the settings records of the rooms, which the file
 * is bound to.
 *
 * <p>Depends on: {@code address}; Jackson's annotations.
 *
 * <p>Must never know: a key of the file, or the purpose of a value.
 *
 * <p>Always true: a rejected value is a {@link dev.refrain.settings.Check.InvalidValue} with the
 * key and the expected form; no secret is printed.
 *
 * <p>Decisions: 0083 (the configuration file is bound to the settings of the rooms).
 */
package dev.refrain.settings;
