package dev.refrain.http;

import dev.refrain.inference.RequestListener;
import dev.refrain.inference.fields.FieldRoles;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * The handlers behind the router.
 *
 * @param api handles requests to Refrain's own endpoints
 * @param models handles the model list
 * @param others handles every other request, or fails with a {@code Failure} that is still to be
 *     sent to the client
 * @param credentialed whether a credential of the operator's is sent along upstream
 * @param roles which header fields of a request count, and for what
 * @param keys authenticates requests, or null if no key is required
 */
public record Handlers(
    Map<String, InferenceHandler> api,
    ModelsHandler models,
    BiFunction<HttpServerRequest, RequestListener, Future<Void>> others,
    boolean credentialed,
    FieldRoles roles,
    KeyAuthenticator keys) {}
