package dev.refrain.openai;

/**
 * The route of a model: its upstreams and its fan-out mode.
 *
 * @param place distinguishes its answers from those of another place, for instance an address
 * @param mode how requests for several choices are sent
 * @param credentials whether callers' credentials are sent
 */
public record ModelRoute(String place, Mode mode, boolean credentials) {

  /** Where callers' credentials are sent, too. */
  public ModelRoute(String place, Mode mode) {
    this(place, mode, true);
  }

  /** How a request for several choices is sent to an upstream. */
  public enum Mode {
    /** Call by call. Choices that are drawn together are one call for each prompt. */
    SPLIT,
    /** Call by call, but those that have to go upstream in one call. */
    BATCH,
    /** As it came, in one call. */
    NATIVE,
    /** Call by call, but as it came where choices are drawn together. */
    AUTO
  }

  /** Meaning of several choices of one prompt at temperature 0. */
  public enum Repetition {
    /** One call, whose answer is given several times. */
    REPLICATE,
    /** As many calls, each stored separately, even if the answers are alike. */
    EACH,
    /** One call for all of them. */
    NATIVE
  }
}
