/**
 * Addresses: host and port of a URL.
 *
 * <p>Read: {@link dev.refrain.address.Authority}.
 *
 * <p>Depends on: nothing.
 *
 * <p>Must never know: what is at an address.
 *
 * <p>Always true: a URL whose authority was accepted at the start names the same host wherever it
 * is read later.
 */
package dev.refrain.address;
