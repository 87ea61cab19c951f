package dev.refrain.management;

import dev.refrain.inference.Failure;
import dev.refrain.management.EntryTransfer.Export;
import dev.refrain.management.EntryTransfer.Import;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Exports, imports and removals of stored entries. Reads no faster than entries are stored, and
 * makes no lines faster than they are read.
 *
 * <p>Lives on one event loop.
 */
final class EntryPages {
  static final String EXPORT = "/cache/export";
  static final String IMPORT = "/cache/import";
  static final String REMOVE = "/cache/remove";

  private static final Logger LOG = LoggerFactory.getLogger(EntryPages.class);

  private final EntryTransfer transfer;
  private final LongSupplier clock;
  private final Consumer<HttpServerRequest> untimed;

  /**
   * Pages over these entries.
   *
   * @param clock milliseconds of the epoch
   * @param untimed lets a request take longer than others
   */
  EntryPages(EntryTransfer transfer, LongSupplier clock, Consumer<HttpServerRequest> untimed) {
    this.transfer = transfer;
    this.clock = clock;
    this.untimed = untimed;
  }

  /** {@code GET}: the lines; a response that does not end properly is not all of them. */
  void export(RoutingContext context) {
    Export export;
    try {
      export = transfer.export(EntryFilterReader.read(context.queryParams(), clock.getAsLong()));
    } catch (Failure refused) {
      ErrorPage.send(context, refused);
      return;
    }
    HttpServerResponse response =
        context
            .response()
            .setChunked(true)
            .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
            .putHeader(HttpHeaders.CONTENT_TYPE, "application/jsonl");
    context.addEndHandler(ended -> export.close());
    write(export, response);
  }

  private static void write(Export export, HttpServerResponse response) {
    export
        .next()
        .onFailure(
            cause -> {
              LOG.warn("an export ended early: {}", cause.getMessage());
              export.close();
              response.reset();
            })
        .onSuccess(lines -> write(export, response, lines));
  }

  private static void write(Export export, HttpServerResponse response, Buffer lines) {
    if (response.closed()) {
      export.close();
    } else if (lines == null) {
      response.end();
    } else {
      response.write(lines);
      if (response.writeQueueFull()) {
        response.drainHandler(drained -> write(export, response));
      } else {
        write(export, response);
      }
    }
  }

  /** {@code POST} with the lines: {@code {"stored":3,"kept":1}}. */
  void load(RoutingContext context) {
    Import load;
    try {
      load = transfer.load(EntryFilterReader.read(context.queryParams(), clock.getAsLong()));
    } catch (Failure refused) {
      ErrorPage.send(context, refused);
      return;
    }
    HttpServerRequest request = context.request();
    untimed.accept(request);
    context.addEndHandler(ended -> load.close());
    if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
      context.response().writeContinue();
    }
    request.handler(
        piece -> {
          request.pause();
          load.take(piece)
              .onSuccess(taken -> request.resume())
              .onFailure(cause -> refuse(context, load, cause));
        });
    request.endHandler(
        end ->
            load.end()
                .onSuccess(counts -> loaded(context, counts))
                .onFailure(cause -> refuse(context, load, cause)));
  }

  private static void loaded(RoutingContext context, JsonObject counts) {
    LOG.info("imported: {}", counts);
    context
        .response()
        .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
        .end(counts.toBuffer());
  }

  // The rest is read and dropped, for a connection that is closed in its midst loses the answer.
  private static void refuse(RoutingContext context, Import load, Throwable cause) {
    load.close();
    if (!context.request().isEnded()) {
      context.request().handler(dropped -> {}).endHandler(end -> {}).resume();
    }
    if (!context.response().ended() && !context.response().closed()) {
      context.response().putHeader(HttpHeaders.CONNECTION, "close");
      ErrorPage.send(context, Failure.from(cause));
    }
  }

  /** {@code POST}: {@code {"removed":{"memory":3,"disk":3}}}. */
  void remove(RoutingContext context) {
    try {
      transfer
          .remove(EntryFilterReader.readRemoval(context.queryParams(), clock.getAsLong()))
          .onSuccess(
              removed -> {
                LOG.info("removed entries: {}", removed);
                context
                    .response()
                    .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                    .end(JsonObject.of("removed", removed).toBuffer());
              })
          .onFailure(cause -> ErrorPage.send(context, Failure.from(cause)));
    } catch (Failure refused) {
      ErrorPage.send(context, refused);
    }
  }
}
