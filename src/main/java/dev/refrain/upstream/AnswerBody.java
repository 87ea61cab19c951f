package dev.refrain.upstream;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Framing;
import dev.refrain.inference.Head;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import java.util.List;

/**
 * The body of an answer as it comes off the connection. Decodes it where the server has encoded it,
 * finds out whether it is a document or a stream, and hands it to what reads such an answer. Lives
 * on one event loop.
 */
final class AnswerBody {
  private final Exchange exchange;
  private final Framing asked;
  private final Head head;
  private final ContentDecoder decoder;
  private Exchange.Receiver receiver;
  private Buffer start;

  /**
   * A body that is read from now on.
   *
   * @param codings what it is encoded with, all of it known
   * @param limit most bytes that one chunk may become when it is decoded
   */
  AnswerBody(
      Exchange exchange,
      HttpClientResponse response,
      Head head,
      Framing asked,
      List<String> codings,
      int limit) {
    this.exchange = exchange;
    this.asked = asked;
    this.head = head;
    this.decoder = codings.isEmpty() ? null : ContentDecoder.of(codings, limit, this::plain);
    response
        .exceptionHandler(cause -> exchange.failed(Exchange.broken("broke off its answer", cause)))
        .handler(this::received)
        .endHandler(v -> ended());
    if (!head.ok()) {
      begin(AnswerForm.DOCUMENT);
    }
  }

  private void received(Buffer chunk) {
    if (decoder == null) {
      plain(chunk);
      return;
    }
    try {
      decoder.feed(chunk);
    } catch (Failure undecodable) {
      exchange.refuse(undecodable);
    }
  }

  private void plain(Buffer chunk) {
    if (receiver != null) {
      receiver.received(chunk);
      return;
    }
    start = start == null ? chunk : start.appendBuffer(chunk);
    AnswerForm form = AnswerForm.of(start, head.isEventStream(), asked);
    if (form == AnswerForm.UNDECIDED) {
      exchange.received();
    } else {
      begin(form);
    }
  }

  private void begin(AnswerForm form) {
    receiver = exchange.receiver(form, head);
    if (start != null) {
      Buffer first = start;
      start = null;
      receiver.received(first);
    }
  }

  private void ended() {
    try {
      if (decoder != null) {
        decoder.end();
      }
    } catch (Failure cut) {
      exchange.failed(cut);
    }
    if (receiver == null) {
      begin(AnswerForm.byType(head.isEventStream()));
    }
    receiver.ended();
    close();
  }

  /** Frees what decoding took. */
  void close() {
    if (decoder != null) {
      decoder.close();
    }
  }
}
