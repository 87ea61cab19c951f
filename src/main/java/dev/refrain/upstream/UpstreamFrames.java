package dev.refrain.upstream;

import dev.refrain.inference.Delivery;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Frame;
import dev.refrain.inference.Frames;
import dev.refrain.inference.Head;
import dev.refrain.inference.Language.CompletenessCheck;
import dev.refrain.inference.Observer.CallOutcome;
import dev.refrain.inference.Streamed;
import dev.refrain.inference.Tokens;
import dev.refrain.sse.ErrorBody;
import dev.refrain.sse.EventSplitter;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;

/**
 * A stream as it comes from the server. Answers with its head once a first frame is there, so that
 * a stream that breaks before it begins is still an error with a status.
 *
 * <p>The terminator {@code [DONE]} ends the stream, and so does the end of the body when every
 * element has ended, for whatever reason; an end before that is a failure. Neither proves that the
 * answer is whole.
 */
final class UpstreamFrames implements Frames, Exchange.Receiver {
  private final Exchange exchange;
  private final HttpClientResponse response;
  private final Head head;
  private final CompletenessCheck check;
  private EventSplitter splitter;

  private Reader reader;
  // The next item: a frame taken and not yet delivered, or one of two endings.
  private Frame current;
  private boolean finished;
  private Failure failure;
  private long chunks;

  private final Delivery delivery = new Delivery(this::deliverNext, this::defect);
  private boolean bodyEnded;
  private boolean over;

  UpstreamFrames(
      Exchange exchange,
      HttpClientResponse response,
      Head head,
      CompletenessCheck check,
      int maxEvent) {
    this.exchange = exchange;
    this.response = response;
    this.head = head;
    this.check = check;
    this.splitter = new EventSplitter(maxEvent);
  }

  @Override
  public void received(Buffer chunk) {
    if (over) {
      return; // bytes after the terminator are ignored
    }
    if (!delivery.isPaused()) {
      exchange.received();
    }
    splitter.feed(chunk);
    delivery.advance();
  }

  @Override
  public void ended() {
    bodyEnded = true;
    exchange.ended();
    delivery.advance();
  }

  @Override
  public void read(Reader to) {
    reader = to;
    delivery.advance();
  }

  @Override
  public void pause() {
    delivery.pause();
    if (!over && !bodyEnded) {
      response.pause();
      exchange.held();
    }
  }

  @Override
  public void resume() {
    delivery.resume();
    if (delivery.isPaused() || bodyEnded) {
      return;
    }
    if (!over) {
      exchange.received();
    }
    response.resume(); // behind the terminator, too: the end of the body frees the connection
  }

  private boolean deliverNext() {
    if (over) {
      return false;
    }
    if (current == null && !finished) {
      take();
    }
    if (current == null && !finished && failure == null) {
      return false;
    }
    if (reader == null) {
      return begin();
    }
    deliver();
    return true;
  }

  /** Takes the next event off the wire, if there is one. */
  private void take() {
    try {
      Frame next = splitter.next();
      if (next == null && bodyEnded) {
        next = splitter.last().orElse(null);
        finished = next == null && failure == null && endOfBody();
      }
      if (next != null) {
        look(next);
      }
    } catch (Failure broken) {
      exchange.abort(broken, CallOutcome.FAILED);
    }
  }

  private boolean endOfBody() {
    if (!check.ended()) {
      throw Exchange.broken("ended its stream before the answer was complete", null);
    }
    return true;
  }

  private void look(Frame event) {
    if (EventSplitter.isDone(event)) {
      finished = true;
      return;
    }
    Frame next = event.isComment() ? ErrorBody.ofField(event) : event;
    check.add(next);
    chunks += next.isComment() ? 0 : 1;
    if (check.failed()) {
      exchange.reported(head, next);
      over |= failure == null; // answered with a status: nothing is read of it as a stream
      return;
    }
    current = next;
  }

  /** Answers with the head. The receiver may begin to read within this call, or later. */
  private boolean begin() {
    if (current != null || finished) {
      exchange.answered(Streamed.notStorable(head, this, check, exchange.waited()));
    }
    return reader != null;
  }

  private void deliver() {
    if (current != null) {
      Frame frame = current;
      current = null;
      reader.frame(frame);
    } else if (finished) {
      over = true;
      exchange.finished(check.tokens(), spent(), bodyEnded);
      reader.end();
    } else {
      over = true;
      reader.fail(failure);
    }
  }

  @Override
  public void broken(Failure why) {
    if (why.kind() == Failure.Kind.CANCELLED) {
      over = true;
      exchange.brokenOff(spent());
      return;
    }
    if (!finished) { // else its end is still delivered, and says what it cost
      exchange.brokenOff(spent());
    }
    // Frames that arrived before the failure are delivered first.
    failure = why;
    delivery.advance();
  }

  // Not the server's fault, nor cured by another try.
  private boolean defect(Failure why) {
    if (over) {
      return false;
    }
    current = null;
    finished = false;
    splitter = new EventSplitter(0);
    if (failure == null) {
      exchange.refuse(why);
    }
    return true;
  }

  // Few chunks hold no token, such as the last; many servers put several into one.
  private Tokens spent() {
    return check.tokens().known() ? check.tokens() : Tokens.of(0, chunks);
  }
}
