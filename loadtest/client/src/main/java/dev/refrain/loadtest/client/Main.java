package dev.refrain.loadtest.client;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/**
 * An open-model client that drives one server at a time: an {@link Order} a line on stdin, and for
 * each three lines on stdout, {@code measuring}, {@code measured} and {@code done} with what came
 * of it. It ends with its input. One process for all rounds, so that its own code is warm.
 */
public final class Main {
  private Main() {}

  /** Reads orders until there are no more. */
  public static void main(String[] arguments) throws IOException {
    Vertx vertx =
        Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setPreferNativeTransport(true));
    BufferedReader orders =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line; (line = orders.readLine()) != null; ) {
      Order order = Order.of(new JsonObject(line));
      System.out.println(run(vertx, order).await().encode());
    }
    vertx.close().await();
  }

  private static Future<JsonObject> run(Vertx vertx, Order order) {
    Promise<JsonObject> result = Promise.promise();
    vertx
        .getOrCreateContext()
        .runOnContext(
            go ->
                new Load(vertx, order, news -> System.out.println(news.encode()))
                    .run()
                    .onComplete(result));
    return result.future();
  }
}
