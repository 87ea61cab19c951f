package dev.refrain.keys;

import java.util.Optional;
import java.util.stream.Stream;

/**
 * One limit of one key, under the name that all replicas use.
 *
 * @param name {@code search:requests}
 * @param bucket what this process has left
 */
public record KeyLimit(String name, TokenBucket bucket) {
  static Stream<KeyLimit> of(Key key) {
    return Stream.of(
            key.requests().map(bucket -> new KeyLimit(key.name() + ":requests", bucket)),
            key.tokens().map(bucket -> new KeyLimit(key.name() + ":tokens", bucket)))
        .flatMap(Optional::stream);
  }
}
