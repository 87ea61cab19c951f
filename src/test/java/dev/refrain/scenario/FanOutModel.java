package dev.refrain.scenario;

import dev.refrain.scenario.Ask.Key;
import dev.refrain.scenario.Ask.Part;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the proxy must do, said as plainly as possible: what is kept, and what follows from it for
 * the next request, if one follows the other.
 *
 * <p>Where one part of a request ends the others, it is a matter of chance how far those have come:
 * not asked for, asked for and given up, or answered and kept. There the model gives bounds, and
 * what it believes to be kept is a {@code MAYBE} until somebody is answered with it.
 */
final class FanOutModel {
  enum Knowledge {
    ABSENT,
    MAYBE,
    KEPT
  }

  /** How many calls for a verse. */
  record Calls(int least, int most) {
    static final Calls NONE = new Calls(0, 0);

    Calls plus(Calls other) {
      return new Calls(least + other.least, most + other.most);
    }
  }

  /**
   * What a request must lead to.
   *
   * @param outcomes one of these
   * @param statuses what {@code Cache-Status} begins with, one of these; of answers
   * @param calls exactly for these
   * @param oneOf for at least one of these, where not empty
   */
  record Expected(
      Set<String> outcomes,
      Set<String> statuses,
      Map<AskedCall, Calls> calls,
      Set<AskedCall> oneOf) {}

  private final Map<Key, Knowledge> kept = new HashMap<>();
  // Of texts that tell their call.
  private final Map<Key, String> texts = new HashMap<>();

  Knowledge knowledge(Key key) {
    return kept.getOrDefault(key, Knowledge.ABSENT);
  }

  /** The text that is kept, where it is known; else null. */
  String text(Key key) {
    return texts.get(key);
  }

  Expected expect(Ask ask) {
    if (ask.says("only-if-cached")) {
      return new Expected(onlyKept(ask), Set.of("refrain; hit"), Map.of(), Set.of());
    }
    List<Part> asked = asked(ask);
    if (ask.isBatch()) {
      return batch(ask, asked);
    }
    Map<AskedCall, Calls> calls = new HashMap<>();
    asked.forEach(part -> calls.merge(part.call(), calls(ask, part), Calls::plus));
    Set<AskedCall> ending = new HashSet<>();
    asked.stream().filter(FanOutModel::ends).forEach(part -> ending.add(part.call()));
    return new Expected(outcomes(ask, asked), statuses(ask), calls, ending);
  }

  /** All or none of what is missing: the first fault among it is that of the one call. */
  private Expected batch(Ask ask, List<Part> asked) {
    Map<AskedCall, Calls> calls = new HashMap<>();
    for (Part part : asked) {
      boolean shared = !anew(ask) && isRepeated(ask, part);
      calls.merge(part.call(), shared ? Calls.NONE : new Calls(1, 1), Calls::plus);
    }
    String outcome =
        asked.stream()
            .filter(FanOutModel::ends)
            .findFirst()
            .map(part -> part.upstreamFault().alone(false))
            .orElse(ClientAnswer.ANSWER);
    return new Expected(Set.of(outcome), statuses(ask), calls, Set.of());
  }

  private Set<String> onlyKept(Ask ask) {
    return switch (least(ask)) {
      case ABSENT -> Set.of("504");
      case MAYBE -> Set.of("504", ClientAnswer.ANSWER);
      case KEPT -> Set.of(ClientAnswer.ANSWER);
    };
  }

  private Knowledge least(Ask ask) {
    return ask.parts().stream()
        .map(part -> ask.shareable() ? knowledge(part.key()) : Knowledge.ABSENT)
        .min(Knowledge::compareTo)
        .orElseThrow();
  }

  /** Whether nothing that is kept answers it. */
  private static boolean anew(Ask ask) {
    return !ask.shareable() || ask.says("no-cache");
  }

  /** The parts that may have to be asked for. */
  private List<Part> asked(Ask ask) {
    return ask.parts().stream()
        .filter(part -> anew(ask) || knowledge(part.key()) != Knowledge.KEPT)
        .toList();
  }

  /** Whether a part ends the others, of which there may be none. */
  private static boolean ends(Part part) {
    return part.upstreamFault().endsOthers();
  }

  private boolean races(Ask ask) {
    return !ask.undivided() && asked(ask).stream().anyMatch(FanOutModel::ends);
  }

  private Calls calls(Ask ask, Part part) {
    boolean certain = !races(ask) && knowledge(part.key()) == Knowledge.ABSENT;
    if (anew(ask)) {
      return new Calls(races(ask) ? 0 : 1, 1);
    }
    if (part.upstreamFault() == UpstreamFault.NONE) {
      // Equal parts of one request share a call.
      return isRepeated(ask, part) ? Calls.NONE : new Calls(certain ? 1 : 0, 1);
    }
    // What cannot be kept is shared as far as it can be: a stream while it lasts, a document not.
    boolean shared = isRepeated(ask, part) && (ask.stream() || part.upstreamFault().refuses());
    return new Calls(certain && !shared ? 1 : 0, 1);
  }

  private static boolean isRepeated(Ask ask, Part part) {
    return ask.parts().stream().limit(part.number()).anyMatch(one -> one.key().equals(part.key()));
  }

  private Set<String> outcomes(Ask ask, List<Part> asked) {
    if (ask.undivided()) {
      Part only = ask.parts().get(0);
      return Set.of(only.upstreamFault().alone(ask.stream()));
    }
    if (races(ask)) {
      return ask.stream() ? brokenStream(ask, asked) : brokenDocument(asked);
    }
    return Set.of(ClientAnswer.ANSWER);
  }

  /** Whichever says no first. */
  private static Set<String> brokenDocument(List<Part> asked) {
    Set<String> outcomes = new HashSet<>();
    for (Part part : asked) {
      if (part.upstreamFault().endsOthers()) {
        outcomes.add(part.upstreamFault().alone(false));
      }
    }
    return outcomes;
  }

  /** Likewise, unless one has begun to answer before: always so where one is kept. */
  private Set<String> brokenStream(Ask ask, List<Part> asked) {
    Set<String> outcomes = new HashSet<>();
    if (ask.parts().stream().anyMatch(part -> !part.upstreamFault().refuses())) {
      outcomes.add(ClientAnswer.ERROR_EVENT);
    }
    if (asked.size() == ask.parts().size()) {
      asked.stream()
          .map(Part::upstreamFault)
          .filter(UpstreamFault::refuses)
          .forEach(upstreamFault -> outcomes.add(upstreamFault.refusal()));
    }
    return outcomes;
  }

  private Set<String> statuses(Ask ask) {
    if (!ask.shareable()) {
      String why = ask.says("no-store") ? "no-store" : "sampled";
      return Set.of("refrain; fwd=bypass; detail=" + why);
    }
    if (ask.says("no-cache")) {
      return Set.of("refrain; fwd=request");
    }
    List<Part> parts = ask.parts();
    int least = (int) parts.stream().filter(p -> knowledge(p.key()) == Knowledge.KEPT).count();
    int most = (int) parts.stream().filter(p -> knowledge(p.key()) != Knowledge.ABSENT).count();
    Set<String> statuses = new HashSet<>();
    for (int hits = least; hits <= most; hits++) {
      statuses.add(status(ask, hits, parts.size()));
    }
    return statuses;
  }

  private static String status(Ask ask, int hits, int parts) {
    if (hits == parts) {
      return "refrain; hit";
    }
    if (hits == 0) {
      return "refrain; fwd=uri-miss";
    }
    if (ask.stream()) {
      return "refrain; detail=divided";
    }
    boolean stored =
        ask.parts().stream().allMatch(part -> part.upstreamFault() == UpstreamFault.NONE);
    return "refrain; fwd=partial%s; detail=\"%d of %d kept\""
        .formatted(stored ? "; stored" : "", hits, parts);
  }

  /** Remembers what must be kept now. */
  void learn(Ask ask, ClientAnswer clientAnswer) {
    if (!ask.shareable() || (ask.says("only-if-cached") && !clientAnswer.answered())) {
      return;
    }
    if (ask.isBatch() && !clientAnswer.answered()) {
      return;
    }
    boolean raced = !ask.isBatch() && races(ask);
    for (Part part : asked(ask)) {
      if (part.upstreamFault() == UpstreamFault.NONE) {
        learn(ask, part, clientAnswer, raced ? Knowledge.MAYBE : Knowledge.KEPT);
      }
    }
  }

  private void learn(Ask ask, Part part, ClientAnswer clientAnswer, Knowledge knowledge) {
    Key key = part.key();
    kept.merge(key, knowledge, (before, now) -> before == Knowledge.KEPT ? before : now);
    boolean oneCall = !ask.says("no-cache") || once(ask, key);
    if (clientAnswer.answered() && oneCall) {
      texts.put(key, clientAnswer.texts().get(part.indexes().get(0)));
    } else {
      texts.remove(key);
    }
  }

  private static boolean once(Ask ask, Key key) {
    return ask.parts().stream().filter(part -> part.key().equals(key)).count() == 1;
  }
}
