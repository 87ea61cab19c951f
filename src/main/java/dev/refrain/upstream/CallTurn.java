package dev.refrain.upstream;

import dev.refrain.inference.Failure;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.Sharing.Shareable;
import dev.refrain.inference.fields.FieldRoles;
import dev.refrain.inference.fields.Scope;
import java.util.function.Consumer;

/**
 * A call that may have to wait for its turn. Its caller is the tenant of its key, or without keys
 * the scope of its credentials.
 *
 * @param roles which header fields say who asks
 * @param admitted makes the call
 * @param full ends it before it was made
 */
record CallTurn(
    InferenceRequest request, FieldRoles roles, Runnable admitted, Consumer<Failure> full)
    implements ConcurrencyLimit.Waiter {
  @Override
  public long caller() {
    String tenant = request.costs().tenant();
    if (!tenant.isEmpty()) {
      return tenant.hashCode(); // two of one hash share their turns, and nothing else
    }
    return request.sharing() instanceof Shareable shareable
        ? shareable.scope()
        : Scope.of(roles, null, request.headers(), "").hash();
  }

  @Override
  public void begin() {
    admitted.run();
  }

  @Override
  public void refused(Failure failure) {
    full.accept(failure);
  }
}
