/**
 * The HTTP edge: requests and responses of the public port.
 *
 * <p>Read in this order: {@link dev.refrain.http.RequestRouter} (routing), {@code RequestLine}
 * (validity of a request line), {@link dev.refrain.http.InferenceHandler} (life cycle of one
 * request), {@link dev.refrain.http.BodyReader}, {@link dev.refrain.http.ResponseWriter} and {@code
 * StreamWriter} (responses), {@code WhitespaceRelay} (what keeps a plain call alive), {@code
 * CacheStatus} (the Cache-Status header). Then the limits for clients: {@link
 * dev.refrain.http.ConnectionAdmission}, {@code ConnectionTimer} and {@code PrefaceHandler}
 * (connections), {@link dev.refrain.http.RequestGuard} (requests), {@link
 * dev.refrain.http.KeyAuthenticator} (API keys), {@link dev.refrain.inference.Deadlines}
 * (timeouts), {@code ErrorHeaders} (headers of errors). Last the logs: {@link
 * dev.refrain.http.AccessLog} and {@code AccessLogEntry}, {@link dev.refrain.http.FailureLog}.
 *
 * <p>Depends on: {@code inference}, openai, keys; Vert.x' HTTP server.
 *
 * <p>Must never know: how an answer is obtained. It sees one {@code InferenceService}, and one
 * function for pass-through.
 *
 * <p>Always true: every error has the API's error shape; a client that leaves cancels its request;
 * a stream gets one socket write per turn of the event loop and at most one terminator; no prompt,
 * completion or credential is logged; where keys are configured, a request without one is not
 * processed further.
 *
 * <p>Decisions: 0009 (the edge), 0017 (pass-through), 0020 (TLS and limits at the edge), 0027
 * (logs), 0034 (draining), 0035 (keys), 0047 (hostile requests).
 */
package dev.refrain.http;
