package dev.refrain.cassette;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

/**
 * Gives equal requests the numbers of their samples: in order of arrival, where a client could know
 * it. Requests that were under way at the same time have no order that would be the same in the
 * next recording, so that they are ordered by their answers. Pure functions.
 */
public final class SampleOrder {
  private static final Comparator<Observed> BY_ARRIVAL = Comparator.comparingLong(Observed::began);
  private static final Comparator<Observed> BY_ANSWER =
      Comparator.<Observed>comparingInt(one -> one.answer().status())
          .thenComparing(one -> one.answer().cut())
          .thenComparing(one -> one.answer().body(), Arrays::compareUnsigned)
          .thenComparing(one -> one.answer().headers().toString());

  /**
   * An exchange as it was seen.
   *
   * @param began when the request came, in nanoseconds of one clock
   * @param ended when its answer had come, likewise
   */
  public record Observed(RecordedRequest request, RecordedAnswer answer, long began, long ended) {}

  private SampleOrder() {}

  /**
   * Numbers them.
   *
   * @param before how many samples of a request there are already
   */
  public static List<Exchange> number(
      Collection<Observed> observed, ToIntFunction<RecordedRequest> before) {
    Map<RecordedRequest, List<Observed>> equal = new HashMap<>();
    observed.forEach(
        each -> equal.computeIfAbsent(each.request(), request -> new ArrayList<>(1)).add(each));
    List<Exchange> numbered = new ArrayList<>(observed.size());
    equal.forEach(
        (request, all) -> {
          int sample = before.applyAsInt(request);
          for (Observed each : ordered(all)) {
            numbered.add(new Exchange(request, ++sample, each.answer()));
          }
        });
    return numbered;
  }

  private static List<Observed> ordered(List<Observed> equal) {
    equal.sort(BY_ARRIVAL);
    List<Observed> ordered = new ArrayList<>(equal.size());
    List<Observed> together = new ArrayList<>();
    long ends = Long.MIN_VALUE;
    for (Observed each : equal) {
      if (!together.isEmpty() && each.began() > ends) {
        together.sort(BY_ANSWER);
        ordered.addAll(together);
        together.clear();
        ends = Long.MIN_VALUE;
      }
      together.add(each);
      ends = Math.max(ends, each.ended());
    }
    together.sort(BY_ANSWER);
    ordered.addAll(together);
    return ordered;
  }
}
