package dev.refrain.upstream;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Head;
import io.vertx.core.buffer.Buffer;

/** Gathers an answer that comes as one document, within a bound. */
final class WholeAnswer implements Exchange.Receiver {
  private static final Buffer NOTHING = Buffer.buffer();

  private final Exchange exchange;
  private final Head head;
  private final int limit;
  private Buffer body = NOTHING;
  private boolean grown;

  WholeAnswer(Exchange exchange, Head head, int limit) {
    this.exchange = exchange;
    this.head = head;
    this.limit = limit;
  }

  @Override
  public void received(Buffer chunk) {
    exchange.received();
    if (body.length() + (long) chunk.length() > limit) {
      exchange.refuse("sent more than " + limit + " bytes in one answer");
      return;
    }
    gather(chunk);
  }

  // The first chunk is a copy made for us, of its own length, and mostly all there is.
  private void gather(Buffer chunk) {
    if (body.length() == 0) {
      body = chunk;
    } else {
      body.appendBuffer(chunk);
      grown = true;
    }
  }

  // Gathering doubles its room: what is not used must not stay as long as the answer does, nor what
  // was gathered as long as the call is remembered, to be cancelled with others.
  @Override
  public void ended() {
    Buffer gathered = body;
    body = NOTHING;
    exchange.finished(head, grown ? gathered.copy() : gathered);
  }

  @Override
  public void broken(Failure failure) {
    // The future of the answer has failed already; what was gathered is no answer.
  }
}
