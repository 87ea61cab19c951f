package dev.refrain.inference;

/**
 * Receives events about requests, for metrics and tests. Called on event loops, must not block.
 * Durations are nanoseconds.
 */
public interface Observer {
  /** Ignores all events. */
  Observer NONE = new Observer() {};

  /** Outcome of a lookup in a cache tier; also the label in metrics. */
  enum Lookup {
    /** Found and served. */
    HIT,
    /** No entry, too old, or not usable for this caller. */
    MISS,
    /** The tier did not answer in its budget, or answered garbage. */
    ERROR
  }

  /** Outcome of a call to the upstream; also the label in metrics. */
  enum CallOutcome {
    /** An answer of status below 400 came to its end. */
    ANSWERED,
    /** The upstream answered with an error status. */
    REFUSED,
    /** No answer, or half of one. */
    FAILED,
    /** An answer that is not HTTP. */
    MALFORMED,
    /** It was cancelled. */
    CANCELLED
  }

  /**
   * A lookup in a cache tier has ended.
   *
   * @param endpoint of the request
   * @param rule that applies to the request, or empty
   */
  default void lookedUp(Endpoint endpoint, Source tier, Lookup result, String rule, long nanos) {}

  /** An answer was kept in a tier. Called on any thread. */
  default void stored(Source tier, int bytes) {}

  /** Kept answers were purged, however many. */
  default void purged(Purge.By by) {}

  /** Why a stale answer was served; also the label in metrics. */
  enum StaleReason {
    /** The upstream failed, or refused for a reason of its own. */
    ERROR,
    /** A new one is requested meanwhile. */
    REVALIDATING
  }

  /** A kept answer was served past its time. */
  default void servedStale(StaleReason reason) {}

  /**
   * An answer was not kept in a tier although it might have been: queue full, tier down. Called on
   * any thread.
   */
  default void storeDropped(Source tier) {}

  /** What went wrong with the disk; also the label in metrics. */
  enum DiskFault {
    /** It did not answer in time. */
    SLOW,
    /** What was written is not what is read. */
    DAMAGED,
    /** There is no room. */
    FULL,
    /** It cannot be written. */
    READ_ONLY,
    /** It failed otherwise. */
    FAILED
  }

  /** The disk did not do what it was asked. Called on any thread. */
  default void diskFailed(DiskFault fault) {}

  /** An event loop's connection to the shared cache became usable, or ceased to be. */
  default void redisState(boolean up) {}

  /** Outcome of a command to Redis; also the label in metrics. */
  enum CommandOutcome {
    /** It was executed. */
    OK,
    /** Redis refused it. */
    ERROR,
    /** There was none in its time, or the connection broke. */
    NONE,
    /** It was never sent: no connection, the breaker open, or too many under way. */
    UNSENT
  }

  /**
   * A command to Redis is over.
   *
   * @param command its name, in small letters
   */
  default void redisReplied(String command, CommandOutcome commandOutcome) {}

  /** Why a connection was rejected; also the label in metrics. */
  enum RejectReason {
    /** There are too many. */
    FULL,
    /** No request came in its time. */
    SLOW
  }

  /** A connection was rejected before its first request. */
  default void rejected(RejectReason reason) {}

  /** Why a caller that does not read its answer was cut off; also the label in metrics. */
  enum CutOff {
    /** It took nothing for longer than it may. */
    TIMEOUT,
    /** There was no memory left, and it was the slowest. */
    MEMORY
  }

  /** A caller that did not read its answer was cut off. */
  default void cutOff(CutOff why) {}

  /** Why a request has no valid key; also the label in metrics. */
  enum KeyRejection {
    /** It shows none at all. */
    MISSING,
    /** The key is unknown. */
    UNKNOWN,
    /** It shows more than one. */
    SEVERAL
  }

  /** A request was turned away for want of a key. */
  default void unauthorized(KeyRejection reason) {}

  /** Why a shareable answer was not stored; also the label in metrics. */
  enum NotStored {
    /** Its status was not 200. */
    REFUSED,
    /** The upstream said that it must not be stored. */
    NO_STORE,
    /** Not every choice came to a final end, or it was no answer at all. */
    UNFINISHED,
    /** It ended in an error event of the upstream's own. */
    ERROR_EVENT,
    /** It broke off. */
    BROKEN,
    /** All readers left before its end. */
    ABANDONED,
    /** It is larger than an entry may be. */
    TOO_LARGE,
    /** It took longer than it would have been fresh. */
    STALE,
    /** Its answer was purged meanwhile. */
    PURGED
  }

  /** An answer of a call that might have been shared was not kept. */
  default void notStored(NotStored reason) {}

  /** A request to this endpoint went past the cache. */
  default void bypassed(Endpoint endpoint, Sharing.Reason reason) {}

  /** Outcome of a flight; also the label in metrics. */
  enum FlightOutcome {
    /** Its answer was complete, and every waiter got it. */
    ANSWERED,
    /** There was no answer, or an error, and every waiter got that. */
    FAILED,
    /** The answer was for its caller alone: not proven whole, or too large to be held. */
    UNSHAREABLE,
    /** It became too old to be joined, or too old for the max-age of a request. */
    OVERDUE,
    /** Every waiter left. */
    ABANDONED,
    /**
     * Its answer was purged in the meantime: its waiters stay, and no request joins it any more.
     */
    PURGED
  }

  /** A flight is over, or closed to further requests. */
  default void flightCompleted(FlightOutcome outcome) {}

  /** A request to this endpoint joined a call already on its way. */
  default void collapsed(Endpoint endpoint) {}

  /** Outcome of the agreement between replicas on a call; also the label in metrics. */
  enum FleetOutcome {
    /** This replica made the call and published it. */
    LED,
    /** Another replica's call was followed. */
    FOLLOWED,
    /** The call of another replica broke off, and this one made it anew. */
    TOOK_OVER,
    /** Nothing could be agreed on in time: the call was made without asking further. */
    FAILED_OPEN
  }

  /** A call was agreed on with the other replicas, or was not. */
  default void fleet(FleetOutcome outcome) {}

  /** A request was taken apart. */
  default void divided(int parts) {}

  /** So many more parts wait for their turn, or fewer if below zero. */
  default void waiting(int parts) {}

  /** Parts of one request went upstream in one call. */
  default void batched(int parts) {}

  /**
   * Choices were answered with a copy of another.
   *
   * @param choices how many
   * @param tokens what each of them would have cost, as far as known
   */
  default void replicated(int choices, long tokens) {}

  /** The same, of this request. */
  default void replicated(InferenceRequest request, int choices, long tokens) {
    replicated(choices, tokens);
  }

  /** A call to this endpoint of the upstream began. */
  default void upstreamBegan(Endpoint endpoint) {}

  /** It ended. */
  default void upstreamEnded(CallOutcome callOutcome, long nanos) {}

  /**
   * Refrain itself refused a request, or could not answer it.
   *
   * @param field of the request that is at fault; null if that is none
   */
  default void refused(Failure.Kind kind, String field) {}

  /** A pass-through request was accepted. */
  default void passThroughBegan() {}

  /**
   * It is done.
   *
   * @param method as the caller wrote it
   * @param path likewise, without the query; null if there is none
   * @param status as sent, or as it would have been
   * @param up bytes of its body passed to the upstream
   * @param down bytes of the answer's body passed to the caller
   */
  default void passThroughEnded(String method, String path, int status, long up, long down) {}

  /** Why a call was retried; also the label in metrics. */
  enum RetryReason {
    /** There was no connection; nothing was sent. */
    UNREACHABLE,
    /** The connection broke before the answer began. */
    BROKEN,
    /** The upstream has too much to do (429). */
    THROTTLED,
    /** The upstream reported an error of its own. */
    ERROR
  }

  /** A call is made once more. */
  default void retried(RetryReason reason) {}

  /** A call might have been made once more, but too many were already. */
  default void retrySuppressed() {}

  /**
   * Tokens of one answer given to a caller; only known counts are reported.
   *
   * @param endpoint of the request
   * @param model as requested
   */
  default void answered(Endpoint endpoint, Source source, String model, Tokens tokens) {}

  /** The same, of an answer to this request. */
  default void answered(InferenceRequest request, Source source, Tokens tokens) {
    answered(request.language().endpoint(), source, request.model(), tokens);
  }

  /**
   * The first byte of a stream's first frame left for the caller.
   *
   * @param trace the caller's {@code traceparent}, or null
   */
  default void firstFrame(long nanos, String trace) {}

  /** Another frame came, this long after the one before. */
  default void nextFrame(long nanos) {}

  /**
   * How long an answer took beside what was waited for the upstream: from the request's last byte
   * to the last of a whole answer, or the first frame of a stream.
   */
  default void delayed(Source source, long nanos) {}

  /** Phase in which the client left; also the label in metrics. */
  enum Phase {
    /** Its body had not come yet. */
    BODY,
    /** Nothing of the answer had been sent. */
    WAITING,
    /** A part of the answer had. */
    STREAMING
  }

  /** A caller left before the end of the answer. */
  default void disconnected(Phase phase) {}

  /** Outcome of the comparison of a stored answer with a new one; also the label in metrics. */
  enum Verification {
    /** They say the same. */
    SAME,
    /** They do not. */
    DIFFERENT,
    /** There was no new answer that could be compared. */
    FAILED,
    /** It was not asked for: too many at once, or no retry left in the budget. */
    SKIPPED
  }

  /** A stored answer to a request was compared with a new one. */
  default void verified(InferenceRequest request, Verification outcome) {}

  /** By which field an upstream names itself in an answer; also the label in metrics. */
  enum ChangedField {
    /** The model that answered. */
    MODEL,
    /** Its configuration at the upstream. */
    SYSTEM_FINGERPRINT
  }

  /** In a verified answer this field is not what it is in the stored one. */
  default void answersChanged(ChangedField field) {}

  /** A request is done. */
  default void finished(FinishedRequest request) {}
}
