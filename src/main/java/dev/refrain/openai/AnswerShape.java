package dev.refrain.openai;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.refrain.json.MergeRule;
import dev.refrain.json.ObjectMerge;
import dev.refrain.json.Slice;
import java.io.IOException;
import java.util.List;
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
  private final Chunks chunks;
  private final byte[] vector;

  /**
   * How the chunks of an endpoint differ from its documents.
   *
   * @param document the value of {@code object} in a document
   * @param chunk the value of {@code object} in a chunk
   * @param whole the member of an element of a document
   * @param piece the name of the same member in a chunk
   * @param pieces how many pieces an element is taken into
   * @param split the pieces of an element, each as it stands in a chunk of its own
   */
  public record Chunks(
      String document, String chunk, String whole, String piece, int pieces, Split split) {}

  /** Takes an element of a document apart. */
  @FunctionalInterface
  public interface Split {
    /** The pieces, in order; fails where the element is none. */
    List<Slice> pieces(Slice element) throws IOException;
  }

  /**
   * A shape.
   *
   * @param array the member with the elements, for instance {@code choices}
   * @param reasons the values of {@code finish_reason} with which a model ends an element; none
   *     where elements have no such member and are whole once they are there
   * @param element how the pieces of an element become one; members not named have to agree
   */
  public AnswerShape(String array, Set<String> reasons, Map<String, MergeRule> element) {
    this(array, reasons, element, null);
  }

  /**
   * A shape whose chunks are not like its documents.
   *
   * @param chunks how they differ
   */
  public AnswerShape(
      String array, Set<String> reasons, Map<String, MergeRule> element, Chunks chunks) {
    this.array = array;
    this.arrayName = array.getBytes(US_ASCII);
    this.reasons = Set.copyOf(reasons);
    this.element = Map.copyOf(element);
    this.chunks = chunks;
    this.vector = null;
  }

  /**
   * A shape of documents only, whose elements are whole where they hold a vector: numbers, or text
   * that encodes them.
   *
   * @param vector the member with the vector
   */
  public AnswerShape(String array, String vector) {
    this.array = array;
    this.arrayName = array.getBytes(US_ASCII);
    this.reasons = Set.of();
    this.element = Map.of();
    this.chunks = null;
    this.vector = vector.getBytes(US_ASCII);
  }

  /** The name of the array. */
  public String array() {
    return array;
  }

  /** The same, to be compared with bytes; never modified. */
  byte[] arrayName() {
    return arrayName;
  }

  /** The name of the vector that each element must have; null where they have none. */
  byte[] vector() {
    return vector;
  }

  /** Whether elements end with a reason; else with being there. */
  boolean endsWithReason() {
    return !reasons.isEmpty();
  }

  /** Whether a model ends an element for this reason. */
  boolean isFinal(String reason) {
    return reasons.contains(reason);
  }

  /** The value of {@code object} in a document where a chunk says this; null if it is the same. */
  String documentOf(Slice object) {
    boolean differs = chunks != null && object.text().equals(quoted(chunks.chunk));
    return differs ? quoted(chunks.document) : null;
  }

  /** The value of {@code object} in a chunk where a document says this; null if it is the same. */
  String chunkOf(Slice object) {
    boolean differs = chunks != null && object.text().equals(quoted(chunks.document));
    return differs ? quoted(chunks.chunk) : null;
  }

  /** The merged pieces of an element become an element of a document. */
  void close(ObjectMerge element) {
    if (chunks != null) {
      element.rename(chunks.piece, chunks.whole);
    }
  }

  /** How many pieces an element of a document is taken into. */
  int piecesEach() {
    return chunks == null ? 1 : chunks.pieces;
  }

  /** The pieces of an element of a document. */
  List<Slice> pieces(Slice element) throws IOException {
    return chunks == null ? List.of(element) : chunks.split.pieces(element);
  }

  private static String quoted(String name) {
    return '"' + name + '"';
  }

  Map<String, MergeRule> document() {
    return DOCUMENT;
  }

  Map<String, MergeRule> element() {
    return element;
  }
}
