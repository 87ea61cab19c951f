/**
 * The whole program as its users meet it: real sockets, a scripted upstream, nothing replaced.
 *
 * <p>Read in this order: {@code NeverTwiceTest}, {@code AnotherCallTest}, {@code
 * FaithfulRequestTest}, {@code MalformedRequestTest}, {@code EventStreamTest}; the rest as needed.
 *
 * <p>Must never know: a class of the program other than its start and its configuration.
 */
package dev.refrain.scenario;
