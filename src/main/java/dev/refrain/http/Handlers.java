package dev.refrain.http;

import dev.refrain.inference.RequestListener;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * The handlers behind the router.
 *
 * @param api who answers what is posted to a path of ours
 * @param models what can be asked for
 * @param others answers every other request, or fails with a {@code Failure} that the caller is
 *     still to be told
 * @param credentialed whether a credential of the operator's is sent along upstream
 * @param keys lets in whom it knows, or null if everybody may ask
 */
public record Handlers(
    Map<String, InferenceHandler> api,
    ModelsHandler models,
    BiFunction<HttpServerRequest, RequestListener, Future<Void>> others,
    boolean credentialed,
    KeyAuthenticator keys) {}
