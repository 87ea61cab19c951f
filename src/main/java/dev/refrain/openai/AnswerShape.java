package dev.refrain.openai;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.refrain.json.MergeRule;
import java.util.Map;
import java.util.Set;

/**
 * Shape of an endpoint's answers: an object with an array of elements, each with an {@code index}.
 * A stream has the same shape in each chunk, with pieces of the elements.
 */
public final class AnswerShape {
  /** How an endpoint's chunks become one document: members not named have to agree. */
  private static final Map<String, MergeRule> DOCUMENT =
      Map.of(
          "id", MergeRule.FIRST,
          "object", MergeRule.FIRST,
          "created", MergeRule.FIRST,
          "model", MergeRule.FIRST,
          "system_fingerprint", MergeRule.FIRST,
          "usage", MergeRule.LAST);

  private final String array;
  private final byte[] arrayName;
  private final Set<String> reasons;
  private final Map<String, MergeRule> element;

  /**
   * A shape.
   *
   * @param array the member with the elements, for instance {@code choices}
   * @param reasons the values of {@code finish_reason} with which a model ends an element; none
   *     where elements have no such member and are whole once they are there
   * @param element how the pieces of an element become one; members not named have to agree
   */
  public AnswerShape(String array, Set<String> reasons, Map<String, MergeRule> element) {
    this.array = array;
    this.arrayName = array.getBytes(US_ASCII);
    this.reasons = Set.copyOf(reasons);
    this.element = Map.copyOf(element);
  }

  /** The name of the array. */
  public String array() {
    return array;
  }

  /** The same, to be compared with bytes; never modified. */
  byte[] arrayName() {
    return arrayName;
  }

  /** Whether elements end with a reason; else with being there. */
  boolean endsWithReason() {
    return !reasons.isEmpty();
  }

  /** Whether a model ends an element for this reason. */
  boolean isFinal(String reason) {
    return reasons.contains(reason);
  }

  Map<String, MergeRule> document() {
    return DOCUMENT;
  }

  Map<String, MergeRule> element() {
    return element;
  }
}
