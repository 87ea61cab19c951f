package dev.refrain.inference;

import io.vertx.core.buffer.Buffer;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * The operations on the answers of an endpoint that the stages need: on documents and, optionally,
 * on {@link Streams}. All functions are pure and may be called on any thread.
 */
public interface Language {
  /** The endpoint whose answers these are. */
  Endpoint endpoint();

  /**
   * Whether a whole answer is complete.
   *
   * @param elements how many choices it must hold
   */
  Completeness completeness(Buffer body, int elements);

  /**
   * A stored answer in the form that a request needs.
   *
   * @return the complete body (a stream with its terminator), or empty when this entry cannot be
   *     rendered so without inventing something
   */
  Optional<Buffer> render(Entry entry, Framing framing, boolean usage);

  /**
   * The whole answers of all parts of a request, as one. Everything but the choices and the cost is
   * taken from the first.
   *
   * @param answers in the order of the parts
   * @return the document, or empty when one of them is none or has other choices than its part
   */
  Optional<Buffer> merge(List<Part.Answer> answers);

  /**
   * The answer to several parts that were requested in one call, as one answer for each of them:
   * the inverse of {@link #merge}. The usage of the call is divided among them; its sum is kept.
   *
   * @param parts in the order in which they were requested
   * @return empty when the document does not hold exactly what they ask for
   */
  default Optional<Cut> cut(Buffer body, List<InferenceRequest> parts) {
    return Optional.empty();
  }

  /**
   * The answers to the parts of one call.
   *
   * @param bodies documents, one for each part
   * @param exact whether the usage in each is what it cost; if not, it is a share of the sum
   */
  record Cut(List<Buffer> bodies, boolean exact) {}

  /** The streams of this endpoint; empty where answers are never streamed. */
  default Optional<Streams> streams() {
    return Optional.empty();
  }

  /** The same of an endpoint whose answers may be streamed. Likewise pure. */
  interface Streams {
    /** A fresh collector of proof for a stream of {@code elements} choices. */
    CompletenessCheck check(int elements);

    /** The frame without usage, for a client that did not request it; empty if nothing is left. */
    Optional<Frame> withoutUsage(Frame frame);

    /**
     * The last frame of an answer with what stands beside the usage in the frame behind it, for a
     * client that is not given that one; itself if there is nothing.
     */
    default Frame withMembersBesideUsage(Frame last, Frame next) {
      return last;
    }

    /** The events of a complete stream as they are stored: without what belongs to one call. */
    default Buffer storable(Buffer events) {
      return events;
    }

    /**
     * Compares a repeated stream with the frames that an interrupted one delivered.
     *
     * @param delivered the frames so far, in order
     */
    ResumeMatcher resumeMatcher(List<Frame> delivered);

    /**
     * The events of a complete stream as a document, with usage if they report any.
     *
     * @return empty when the events do not determine one
     */
    Optional<Buffer> fold(Buffer events);

    /**
     * A part's whole answer as the stream that was requested, with its usage if it has one.
     *
     * @return the events with their terminator, or empty when it is no answer or has other choices
     *     than its part
     */
    Optional<Buffer> unfold(Part.Answer answer);

    /**
     * Puts the streams of a request's parts together.
     *
     * @param usage whether the caller requested usage
     * @param continuous whether in every chunk
     */
    Merger merger(boolean usage, boolean continuous);
  }

  /** Turns the frames of parts into frames of one answer. Lives on one event loop. */
  interface Merger {
    /**
     * One frame of a part as the merged stream says it: once, once for each copy, or not at all.
     * Bytes that do not distinguish the parts are preserved. A copy is made when it is requested.
     *
     * @throws Failure {@code UPSTREAM_BROKEN} when the frame cannot be parsed, or has a choice that
     *     its part does not have
     */
    Iterator<Frame> frames(Part part, Frame frame);

    /**
     * The total usage, available when every part has ended: empty if it was not requested, or if
     * not every part reported it.
     */
    Optional<Frame> usage();
  }

  /**
   * A stream made anew, for a reader who knows its beginning, however that was cut into frames.
   * Lives on one event loop.
   */
  interface ResumeMatcher {
    /**
     * The part of the frame beyond what was delivered; empty if nothing.
     *
     * @throws Failure {@code UPSTREAM_BROKEN} when it differs from what was delivered, or when the
     *     new part cannot be cut out faithfully
     */
    Optional<Frame> next(Frame frame);

    /** Whether everything delivered before has been matched. */
    boolean caughtUp();
  }

  /** Collects proof that a stream is whole. Lives on one event loop. */
  interface CompletenessCheck {
    /** Looks at the next frame. */
    void add(Frame frame);

    /** Whether every element has come to a final end and nothing spoke against it. */
    boolean complete();

    /** Whether every element has come to an end, final or not, and no error was seen. */
    boolean ended();

    /** Whether an error was seen: the stream is no answer. */
    boolean failed();

    /** The usage that the stream has reported so far. */
    Tokens tokens();
  }
}
