package dev.refrain.loadtest.client;

import io.vertx.core.json.JsonObject;

/**
 * What is to be driven, and how.
 *
 * @param host whom to ask
 * @param port where
 * @param path of every request
 * @param body of every request; {@code @} in it is the number of the request
 * @param headers of every request, beside what HTTP asks for
 * @param rate requests a second, whatever becomes of those before
 * @param connections most at once; a request that finds none free waits, and its time runs
 * @param warmup seconds of the same load that are not counted
 * @param seconds that are counted
 * @param most requests in all; none are begun after that, while those under way are still counted
 * @param distinct how many different bodies: the number in them begins anew after so many
 * @param first number in a body
 * @param length bytes every answer's body must have; negative is any
 * @param hold whether answers may be under way at the end: they are then cut off, and no error
 */
record Order(
    String host,
    int port,
    String path,
    String body,
    JsonObject headers,
    double rate,
    int connections,
    double warmup,
    double seconds,
    long most,
    long distinct,
    long first,
    long length,
    boolean hold) {

  static Order of(JsonObject json) {
    return new Order(
        json.getString("host", "127.0.0.1"),
        json.getInteger("port"),
        json.getString("path", "/v1/completions"),
        json.getString("body"),
        json.getJsonObject("headers", new JsonObject()),
        json.getDouble("rate"),
        json.getInteger("connections"),
        json.getDouble("warmup", 0.0),
        json.getDouble("seconds"),
        json.getLong("most", Long.MAX_VALUE),
        json.getLong("distinct", Long.MAX_VALUE),
        json.getLong("first", 0L),
        json.getLong("length", -1L),
        json.getBoolean("hold", false));
  }

  /** The body of one request. */
  String body(long number) {
    return body.replace("@", Long.toString(first + number % distinct));
  }
}
