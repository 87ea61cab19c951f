package dev.refrain.upstream;

import java.time.Duration;
import java.util.Map;

/**
 * Settings of a server among those of the same model.
 *
 * @param aliases other names of models, each with the name the server has for it
 * @param weight its share of the calls among servers of its priority
 * @param priority the lowest number is asked first
 * @param least lower bound of the adaptive limit
 * @param failures in a row that open its breaker
 * @param pause how long that stays open at first
 * @param probe path of its health probe below its address; empty for none
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
