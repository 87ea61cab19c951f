package dev.refrain.keys;

import java.util.Optional;
import java.util.stream.Stream;

/**
 * One limit of one key, by the name that all processes know it by.
 *
 * @param name {@code search:requests}
 * @param allowance what this process has left
 */
public record Account(String name, Allowance allowance) {
  static Stream<Account> of(Key key) {
    return Stream.of(
            key.requests().map(allowance -> new Account(key.name() + ":requests", allowance)),
            key.tokens().map(allowance -> new Account(key.name() + ":tokens", allowance)))
        .flatMap(Optional::stream);
  }
}
