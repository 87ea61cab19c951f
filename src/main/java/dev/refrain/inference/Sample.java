package dev.refrain.inference;

/**
 * The number of a request among equal ones whose answers are drawn apart. Its choices are the
 * samples {@code first}, {@code first + 1} and so on, as many as it asks for.
 *
 * @param first from 0
 * @param local whether only this process counted it although replicas count together, because Redis
 *     did not answer; then another replica may have the same number
 */
public record Sample(long first, boolean local) {}
