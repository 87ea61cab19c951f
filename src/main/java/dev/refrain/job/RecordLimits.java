package dev.refrain.job;

/** How much a recording may hold in memory. Lives on one event loop. */
public final class RecordLimits {
  private final long exchange;
  private final long sum;
  private long held;

  /**
   * Limits in bytes.
   *
   * @param exchange of the request and the answer of one exchange together
   * @param sum of all exchanges
   */
  public RecordLimits(long exchange, long sum) {
    this.exchange = exchange;
    this.sum = sum;
  }

  long exchange() {
    return exchange;
  }

  /**
   * Takes room.
   *
   * @param before what the exchange holds already
   * @return null, or which limit leaves no room
   */
  String take(long before, long more) {
    if (before + more > exchange) {
      return "larger than " + exchange + " bytes (--max-exchange)";
    }
    if (held + more > sum) {
      return "the recording is larger than " + sum + " bytes (--max-size)";
    }
    held += more;
    return null;
  }

  /** Gives room back. */
  void give(long room) {
    held -= room;
  }
}
