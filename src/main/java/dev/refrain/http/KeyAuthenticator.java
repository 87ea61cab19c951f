package dev.refrain.http;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Failure.Kind;
import dev.refrain.inference.Observer;
import dev.refrain.inference.Observer.KeyRejection;
import dev.refrain.keys.Key;
import dev.refrain.keys.Keyring;
import io.vertx.core.MultiMap;

/** Authenticates requests by API key, where keys are configured. Any thread. */
public final class KeyAuthenticator {
  private final Keyring keyring;
  private final Observer observer;

  /** A gate that these keys open. */
  public KeyAuthenticator(Keyring keyring, Observer observer) {
    this.keyring = keyring;
    this.observer = observer;
  }

  /**
   * The key that a request presents, which is not in its headers any more, so that it goes no
   * further.
   *
   * @throws Failure {@code UNKNOWN_KEY} if there is none, or more than one
   */
  Key open(MultiMap headers) {
    Key key = keyring.find(headers);
    if (key == null) {
      KeyRejection reason = Keyring.rejection(headers);
      observer.unauthorized(reason);
      throw Failure.of(Kind.UNKNOWN_KEY, message(reason));
    }
    Keyring.take(headers);
    return key;
  }

  private static String message(KeyRejection reason) {
    return switch (reason) {
      case MISSING -> "missing API key; send yours as 'Authorization: Bearer KEY'";
      case UNKNOWN -> "unknown API key; send yours as" + " 'Authorization: Bearer KEY'";
      case SEVERAL -> "more than one API key; send exactly one, as 'Authorization: Bearer KEY'";
    };
  }
}
