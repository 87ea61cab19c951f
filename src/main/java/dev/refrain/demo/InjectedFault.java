package dev.refrain.demo;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The failure that a model name requests. See {@link SimulatedUpstream} for the names.
 *
 * @param status of the refusal; 0 for other kinds
 */
record InjectedFault(Kind kind, int status) {
  /** Kinds of injected failures. */
  enum Kind {
    /** Nothing goes wrong. */
    NONE,
    /** An error status at once. */
    REFUSE,
    /** No answer at all. */
    HANG,
    /** An error event after a few tokens. */
    STREAM,
    /** The connection ends after a few tokens. */
    CUT,
    /** Silence after a few tokens. */
    STALL,
    /** A terminator after a few tokens, although nothing is finished. */
    DONE
  }

  /** Names of models that fail, besides {@code error-} and any status. */
  static final List<String> MODELS =
      List.of(
          "error-429",
          "error-500",
          "error-hang",
          "error-stream",
          "error-cut",
          "error-stall",
          "error-done");

  private static final Pattern STATUS = Pattern.compile("error-([45]\\d\\d)");
  private static final int STEPS_BEFORE = 3;

  static InjectedFault of(String model) {
    Matcher status = STATUS.matcher(model);
    if (status.matches()) {
      return new InjectedFault(Kind.REFUSE, Integer.parseInt(status.group(1)));
    }
    return new InjectedFault(kind(model), 0);
  }

  /** How many steps a call of {@code maxTokens} goes well; never to its end. */
  int stepsBefore(int maxTokens) {
    return kind == Kind.NONE
        ? Integer.MAX_VALUE
        : Math.min(STEPS_BEFORE, Math.max(0, maxTokens - 1));
  }

  private static Kind kind(String model) {
    return switch (model) {
      case "error-hang" -> Kind.HANG;
      case "error-stream" -> Kind.STREAM;
      case "error-cut" -> Kind.CUT;
      case "error-stall" -> Kind.STALL;
      case "error-done" -> Kind.DONE;
      default -> Kind.NONE;
    };
  }
}
