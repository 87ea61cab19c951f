package dev.refrain.upstream;

import dev.refrain.inference.Completeness;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Framing;
import dev.refrain.inference.Head;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.RequestListener;
import dev.refrain.inference.Whole;
import dev.refrain.memory.MemoryBudget.Use;
import dev.refrain.memory.Reservation;
import dev.refrain.upstream.UpstreamCall.AnswerLimits;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;

/**
 * Gathers an answer that comes as one document, within a bound. Chunks of white space before the
 * document are no part of it: they go to the request's listener.
 */
final class WholeAnswer implements Exchange.Receiver {
  private static final Buffer NOTHING = Buffer.buffer();

  /** Bytes above which the room that doubles, and the copy at the end, are worth counting. */
  private static final int LARGE = 256 * 1024;

  /** Bytes of the longest chunk of white space that says no more than that the server works. */
  private static final int SIGN_OF_LIFE = 256;

  private final Exchange exchange;
  private final Head head;
  private final RequestListener listener;
  private final boolean relayed;
  private final int limit;
  private final Reservation memory;
  private Buffer body = NOTHING;
  private boolean grown;
  private long spaces;
  private final int expected;

  /**
   * An answer of which nothing has come.
   *
   * @param headers as the server sent them
   */
  WholeAnswer(
      Exchange exchange,
      InferenceRequest request,
      Head head,
      AnswerLimits limits,
      MultiMap headers) {
    long length = length(headers);
    this.expected = length > LARGE && length <= limits.whole() ? (int) length : 0;
    this.exchange = exchange;
    this.relayed = head.ok() && request.framing() == Framing.WHOLE;
    this.listener = request.listener();
    this.head = head;
    this.limit = limits.whole();
    this.memory = limits.memory().reserve(Use.RESPONSES);
  }

  @Override
  public void received(Buffer chunk) {
    exchange.received();
    if (relayed && body.length() == 0 && isSignOfLife(chunk)) {
      relay(chunk);
      return;
    }
    long total = body.length() + (long) chunk.length();
    if (total > limit) {
      exchange.refuse("sent more than " + limit + " bytes in one answer");
      return;
    }
    if (!memory.growTo(needed(total))) {
      exchange.refuse(
          Failure.of(Failure.Kind.OVERLOADED, "too much memory is in use for another answer"));
      return;
    }
    gather(chunk);
  }

  // It says that the server is at work, so it is of use at once or not at all.
  private void relay(Buffer whitespace) {
    spaces += whitespace.length();
    if (spaces > limit) {
      exchange.refuse("sent more than " + limit + " bytes of white space before its answer");
    } else {
      listener.whitespace(
          Whole.notStorable(head, whitespace, Completeness.NONE, exchange.waited()));
    }
  }

  // RFC 8259 §2
  private static boolean isSignOfLife(Buffer chunk) {
    if (chunk.length() > SIGN_OF_LIFE) {
      return false;
    }
    for (int i = 0; i < chunk.length(); i++) {
      byte one = chunk.getByte(i);
      if (one != ' ' && one != '\n' && one != '\r' && one != '\t') {
        return false;
      }
    }
    return true;
  }

  /** The length of the body, or 0 where the server does not say or an encoding changes it. */
  private static long length(MultiMap headers) {
    String length = headers.get(HttpHeaders.CONTENT_LENGTH);
    if (length == null || headers.contains(HttpHeaders.CONTENT_ENCODING)) {
      return 0;
    }
    try {
      return Long.parseLong(length);
    } catch (NumberFormatException none) {
      return 0;
    }
  }

  private long needed(long total) {
    if (expected > 0) {
      return expected;
    }
    return total > LARGE ? 2 * total : total;
  }

  // The first chunk is a copy made for us, of its own length, and mostly all there is. A large
  // answer of known length has its room at once, and is not copied again.
  private void gather(Buffer chunk) {
    if (body.length() == 0) {
      body = expected == 0 ? chunk : Buffer.buffer(expected).appendBuffer(chunk);
    } else {
      body.appendBuffer(chunk);
      grown = expected == 0;
    }
  }

  // Gathering doubles its room: what is not used must not stay as long as the answer does, nor what
  // was gathered as long as the call is remembered, to be cancelled with others.
  @Override
  public void ended() {
    Buffer gathered = body;
    body = NOTHING;
    memory.release();
    exchange.finished(head, grown ? gathered.copy() : gathered);
  }

  @Override
  public void broken(Failure failure) {
    // The future of the answer has failed already; what was gathered is no answer.
    body = NOTHING;
    memory.release();
  }
}
