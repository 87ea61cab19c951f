package dev.refrain.tracing;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Frame;
import dev.refrain.inference.Frames;
import dev.refrain.inference.Head;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.InferenceResponse;
import dev.refrain.inference.Streamed;
import dev.refrain.inference.Tokens;
import dev.refrain.inference.Whole;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;

/** A span that ends when its answer does, once. Lives on the request's event loop. */
final class AnswerSpan {
  private final Span span;
  private final SpanKind kind;
  private boolean over;

  AnswerSpan(Span span, SpanKind kind, InferenceRequest request) {
    this.span = span;
    this.kind = kind;
    request.cancellation().onCancel(() -> end("cancelled"));
  }

  /** Says what there is to say of an answer, now or when it has come to its end. */
  InferenceResponse follow(InferenceResponse answer) {
    head(answer.head());
    if (kind == SpanKind.SERVER) {
      span.setAttribute("refrain.cache.source", answer.provenance().source().label());
    }
    if (answer instanceof Streamed streamed) {
      return streamed.with(new TracedFrames(streamed, this));
    }
    whole((Whole) answer);
    return answer;
  }

  // A client is at fault for its request (4xx), but to a client it is an error all the same.
  private void head(Head head) {
    span.setAttribute("http.response.status_code", head.status());
    if (head.status() >= (kind == SpanKind.SERVER ? 500 : 400)) {
      error(Integer.toString(head.status()));
    }
  }

  private void whole(Whole answer) {
    if (span.isRecording() && answer.head().ok()) {
      tokens(answer.tokens());
    }
    end();
  }

  void tokens(Tokens tokens) {
    if (tokens.known() && !over) {
      // A backend adds gen_ai.usage up: only the span of the call that was paid for may have it.
      String usage = kind == SpanKind.CLIENT ? "gen_ai.usage." : "refrain.usage.";
      span.setAttribute(usage + "input_tokens", tokens.prompt());
      span.setAttribute(usage + "output_tokens", tokens.completion());
    }
  }

  /** There is no answer, or no more of it. */
  void failed(Throwable cause) {
    end(Failure.from(cause).kind().code());
  }

  private void end(String error) {
    if (!over) {
      error(error);
      end();
    }
  }

  // The kind alone: a message may quote what the upstream said.
  private void error(String type) {
    span.setAttribute("error.type", type);
    span.setStatus(StatusCode.ERROR);
  }

  void end() {
    if (!over) {
      over = true;
      span.end();
    }
  }

  /** The frames of a stream, whose end is the end of a span. */
  private static final class TracedFrames implements Frames, Frames.Reader {
    private final Streamed answer;
    private final AnswerSpan span;
    private Reader reader;

    TracedFrames(Streamed answer, AnswerSpan span) {
      this.answer = answer;
      this.span = span;
    }

    @Override
    public void read(Reader to) {
      reader = to;
      answer.frames().read(this);
    }

    @Override
    public void pause() {
      answer.frames().pause();
    }

    @Override
    public void resume() {
      answer.frames().resume();
    }

    @Override
    public void frame(Frame frame) {
      reader.frame(frame);
    }

    @Override
    public void end() {
      span.tokens(answer.tokens());
      span.end();
      reader.end();
    }

    @Override
    public void fail(Failure failure) {
      span.failed(failure);
      reader.fail(failure);
    }
  }
}
