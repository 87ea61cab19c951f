package dev.refrain.upstream;

import java.time.Duration;
import java.util.Map;

/**
 * Settings of a server among those of the same model.
 *
 * @param aliases other names of models, each with the name the server has for it
 * @param weight its part of the calls, compared with others of its priority
 * @param priority the lowest number is asked first
 * @param least calls at once it is brought down to where it says that they are too many
 * @param failures in a row that open its breaker
 * @param pause how long that stays open at first
 * @param probe path below its address that tells how it is; empty if it is not asked
 * @param interval between two probes
 */
public record UpstreamSettings(
    Map<String, String> aliases,
    int weight,
    int priority,
    int least,
    int failures,
    Duration pause,
    String probe,
    Duration interval) {}
