/**
 * The HTTP edge: what comes in by the public port, and what goes out.
 *
 * <p>Read in this order: {@link dev.refrain.http.RequestRouter} (which request goes where), {@code
 * RequestLine} (what a request line may hold), {@link dev.refrain.http.InferenceHandler} (one
 * completion from head to end), {@link dev.refrain.http.BodyReader}, {@link
 * dev.refrain.http.ResponseWriter} and {@code StreamWriter} (the way out), {@code CacheStatus}
 * (what the answer says about itself). Then what keeps callers within bounds: {@link
 * dev.refrain.http.ConnectionAdmission}, {@code ConnectionTimer} and {@code PrefaceHandler}
 * (connections), {@link dev.refrain.http.RequestGuard} (requests), {@link
 * dev.refrain.http.KeyAuthenticator} (who may ask, where there are keys), {@link
 * dev.refrain.http.Deadlines} (their time), {@code ErrorHeaders} (what they are told to do). Last
 * what is told of them: {@link dev.refrain.http.AccessLog} and {@code AccessLogEntry}, {@link
 * dev.refrain.http.DebugToken}, {@link dev.refrain.http.FailureLog}.
 *
 * <p>Depends on: completion, openai, keys; Vert.x' HTTP server.
 *
 * <p>Must never know: how an answer is found. It sees one {@code InferenceService}, and one
 * function for what is passed through.
 *
 * <p>Always true: every refusal is in the API's error shape; a caller who leaves cancels; a stream
 * gets one socket write a turn of the event loop and one terminator at most; no prompt, completion
 * or credential is logged; where there are keys nothing of a request without one goes further.
 *
 * <p>Decisions: 0009 (the edge), 0017 (pass-through), 0020 (TLS and limits at the edge), 0027
 * (logs), 0034 (draining), 0035 (keys), 0047 (hostile requests).
 */
package dev.refrain.http;
