package dev.refrain.inference;

import java.util.List;

/**
 * How a request is split into parts that are looked up, shared and stored separately. Created by
 * the request reader; immutable; any thread.
 */
public interface Split {
  /** A request that is one call. */
  Split NONE = new Unsplit();

  /** How many parts there are; a single one has several copies, but for {@link #NONE}. */
  int parts();

  /**
   * One of the parts, made when its turn comes.
   *
   * @param whole the request that is split; a part has its context and its directives
   * @param part from 0 to {@link #parts} - 1, in the order of their choices
   * @param cancellation of this part alone
   */
  Part part(InferenceRequest whole, int part, Cancellation cancellation);

  /**
   * Whether the request goes upstream as it came. Its parts are then looked for among what is kept,
   * all or none, and kept from its answer.
   */
  boolean asOne();

  /** Whether the parts that have to go upstream are sent in one call. */
  default boolean batched() {
    return false;
  }

  /**
   * Groups parts into calls: each group can be one call.
   *
   * @param parts in ascending order, at least one
   */
  default List<List<Integer>> batches(List<Integer> parts) {
    return parts.stream().map(List::of).toList();
  }

  /**
   * The request for one group of {@link #batches}. {@link Language#cut} takes its answer apart.
   *
   * @param whole the request that is split
   * @param parts in ascending order, at least two
   * @param cancellation of this call
   */
  default InferenceRequest batch(
      InferenceRequest whole, List<Integer> parts, Cancellation cancellation) {
    throw new UnsupportedOperationException("these parts are not sent in one call");
  }

  /**
   * What the answer to the undivided request says of its parts, as far as each is determined. The
   * cost of a single part is not, so such an entry serves only who did not ask for it.
   *
   * @param whole the request that is split
   * @param entry its answer
   */
  List<Entry> entries(InferenceRequest whole, Entry entry);

  /** The division of a request that is one call. */
  static final class Unsplit implements Split {
    @Override
    public int parts() {
      return 1;
    }

    @Override
    public Part part(InferenceRequest whole, int part, Cancellation cancellation) {
      throw new IllegalStateException("a request that is one call has no parts");
    }

    @Override
    public boolean asOne() {
      return true;
    }

    @Override
    public List<Entry> entries(InferenceRequest whole, Entry entry) {
      return List.of();
    }
  }
}
