package dev.refrain.cassette;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Recorded exchanges, played in order: the k-th equal request gets sample k. Lives on one thread.
 */
public final class Cassette {
  // A request that was not recorded is compared with no more; the comparison is for people.
  private static final int MOST_COMPARED = 1000;

  private final List<Exchange> exchanges;
  private final Map<RecordedRequest, Samples> samples = new HashMap<>();
  private int unused;

  private static final class Samples {
    private final List<Exchange> all = new ArrayList<>(1);
    private int played;
  }

  /**
   * The recording that is nearest to a request that was not recorded.
   *
   * @param fields names of what differs, at least one; or of no body at all
   */
  public record Nearest(Exchange exchange, List<String> fields) {}

  /** A cassette of these exchanges, those of equal requests in the order of their samples. */
  public Cassette(Collection<Exchange> exchanges) {
    this.exchanges = List.copyOf(exchanges);
    this.exchanges.forEach(
        each -> samples.computeIfAbsent(each.request(), request -> new Samples()).all.add(each));
    this.unused = exchanges.size();
  }

  /** The next sample of a request; empty if all were played, or there is none. */
  public Optional<Exchange> next(RecordedRequest request) {
    Samples found = samples.get(request);
    if (found == null || found.played == found.all.size()) {
      return Optional.empty();
    }
    unused--;
    return Optional.of(found.all.get(found.played++));
  }

  /** The last sample of a request, played or not; empty if there is none. */
  public Optional<Exchange> last(RecordedRequest request) {
    return Optional.ofNullable(samples.get(request))
        .map(found -> found.all.get(found.all.size() - 1));
  }

  /** How many samples of a request there are. */
  public int samples(RecordedRequest request) {
    Samples found = samples.get(request);
    return found == null ? 0 : found.all.size();
  }

  /** All exchanges, as they were given. */
  public List<Exchange> exchanges() {
    return exchanges;
  }

  /** How many were not played yet. */
  public int unused() {
    return unused;
  }

  /**
   * The recording of the same path that differs in the fewest fields of its body; of several the
   * one that has the most in common with it at both ends.
   */
  public Optional<Nearest> nearest(RecordedRequest request) {
    Exchange best = null;
    int fewest = Integer.MAX_VALUE;
    int longest = -1;
    int compared = 0;
    for (Map.Entry<RecordedRequest, Samples> each : candidates(request)) {
      if (compared++ == MOST_COMPARED) {
        break;
      }
      int differing = FieldDifference.count(request, each.getKey());
      int common = FieldDifference.common(request.body(), each.getKey().body());
      if (differing < fewest || differing == fewest && common > longest) {
        fewest = differing;
        longest = common;
        best = each.getValue().all.get(0);
      }
    }
    return best == null
        ? Optional.empty()
        : Optional.of(new Nearest(best, FieldDifference.names(request, best.request())));
  }

  // In the order of the file, so that the same request is compared with the same recordings.
  private List<Map.Entry<RecordedRequest, Samples>> candidates(RecordedRequest request) {
    return samples.entrySet().stream()
        .filter(each -> each.getKey().path().equals(request.path()))
        .sorted(Map.Entry.comparingByKey())
        .toList();
  }
}
