package dev.refrain.loadtest.client;

import io.vertx.core.Context;
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
 * of it; then the next may be given. {@code {"event":"end"}} ends an order before its time. The
 * client ends with its input, after the order under way. One process for all rounds, so that its
 * own code is warm.
 */
public final class Main {
  private final Vertx vertx =
      Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1).setPreferNativeTransport(true));
  private final Context loop = vertx.getOrCreateContext();
  private Load load;
  private Future<Void> told = Future.succeededFuture();

  private Main() {}

  /** Reads orders until there are no more. */
  public static void main(String[] arguments) throws IOException {
    Main client = new Main();
    BufferedReader orders =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line; (line = orders.readLine()) != null; ) {
      client.take(new JsonObject(line));
    }
    client.told.await();
    client.vertx.close().await();
  }

  private void take(JsonObject line) {
    if ("end".equals(line.getString("event"))) {
      loop.runOnContext(go -> load.end());
    } else {
      told = run(Order.of(line)).map(Main::tell);
    }
  }

  private Future<JsonObject> run(Order order) {
    Promise<JsonObject> result = Promise.promise();
    loop.runOnContext(
        go -> {
          load = new Load(vertx, order, Main::tell);
          load.run().onComplete(result);
        });
    return result.future();
  }

  private static Void tell(JsonObject news) {
    System.out.println(news.encode());
    return null;
  }
}
