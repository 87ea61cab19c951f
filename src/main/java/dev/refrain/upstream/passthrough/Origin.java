package dev.refrain.upstream.passthrough;

import dev.refrain.upstream.Target;
import java.util.List;

/**
 * A server that requests may be passed to.
 *
 * @param target how it is to be called
 * @param paths globs of the paths it is passed by rule; empty means none
 */
public record Origin(Target target, List<String> paths) {}
