package dev.refrain.job;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Failure.Kind;
import dev.refrain.sse.ErrorBody;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;

/**
 * The port of one job: a free one of the loopback interface, for as long as its command runs. Lives
 * on one event loop.
 */
public final class JobServer {
  private static final int HEADER_SIZE = 64 * 1024;
  private static final String LOOPBACK = "127.0.0.1";

  private final HttpServer server;

  private JobServer(HttpServer server) {
    this.server = server;
  }

  /** Opens the port; call it on the event loop on which requests are to be handled. */
  public static Future<JobServer> open(Vertx vertx, Handler<HttpServerRequest> handler) {
    HttpServerOptions options =
        new HttpServerOptions()
            .setHost(LOOPBACK)
            .setPort(0)
            .setTcpNoDelay(true)
            .setStrictThreadMode(true)
            .setMaxHeaderSize(HEADER_SIZE)
            .setHttp2ClearTextEnabled(false)
            .setPerMessageWebSocketCompressionSupported(false)
            .setPerFrameWebSocketCompressionSupported(false);
    return vertx
        .createHttpServer(options)
        .requestHandler(request -> admit(request, handler))
        .listen()
        .map(JobServer::new);
  }

  // A page in a browser of this machine may reach the port by a name of its own.
  private static void admit(HttpServerRequest request, Handler<HttpServerRequest> handler) {
    String host = request.authority() == null ? LOOPBACK : request.authority().host();
    if (host.equals(LOOPBACK) || host.equalsIgnoreCase("localhost")) {
      handler.handle(request);
    } else {
      refuse(request, Failure.of(Kind.FORBIDDEN, "this port is for one command on this machine"));
    }
  }

  /** Answers with an error, if there is still a way to. */
  static void refuse(HttpServerRequest request, Failure failure) {
    if (!request.response().headWritten() && !request.response().closed()) {
      request
          .response()
          .setStatusCode(failure.kind().status())
          .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
          .end(ErrorBody.of(failure));
    }
  }

  /** The base URL for clients of OpenAI. */
  public String url() {
    return "http://" + LOOPBACK + ":" + server.actualPort() + "/v1";
  }

  /** Ends it and whatever is under way. */
  public Future<Void> close() {
    return server.close();
  }
}
