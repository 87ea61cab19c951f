package dev.refrain.cache;

import dev.refrain.inference.Entry;
import dev.refrain.inference.Source;

/**
 * An entry as a tier has it.
 *
 * @param expiresAt when it stops being fresh, in milliseconds of the epoch
 */
public record StoredEntry(Source tier, Entry entry, long expiresAt) {}
