package dev.refrain.scenario;

import dev.refrain.testing.Dialect;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Makes up requests out of so few words that they often ask for the same. Equal seeds make up equal
 * requests.
 */
final class AskGenerator {
  // Absent is the most frequent: what nobody says often is what most callers have in common.
  private static final List<String> TEMPERATURES = List.of("0", "0", "0.0", "\"0\"", "0.7", "-");
  private static final List<String> CONTROLS = List.of("no-cache", "no-store", "only-if-cached");
  private static final List<String> TEXTS = List.of("la", "sing", "é \uD83D\uDE00", "hum");

  private final Random random;

  AskGenerator(long seed) {
    this.random = new Random(seed);
  }

  /**
   * Anything.
   *
   * @param verse requests of other verses have no prompt in common with this one
   */
  Ask any(int number, int verse) {
    Dialect dialect = dialect();
    boolean troubled = random.nextInt(8) == 0;
    String control = random.nextInt(5) == 0 ? pick(CONTROLS) : null;
    return ask(number, dialect, prompts(dialect, verse, troubled), control);
  }

  /** Without trouble, and content with what others were answered. */
  Ask calm(int number, int verse) {
    Dialect dialect = dialect();
    return ask(number, dialect, prompts(dialect, verse, false), null);
  }

  /** The same question in another framing. */
  Ask again(int number, Ask asked) {
    return new Ask(
        number,
        asked.dialect(),
        asked.caller(),
        asked.prompts(),
        random.nextBoolean(),
        asked.n(),
        asked.candidates(),
        asked.temperature(),
        asked.seed(),
        asked.flavour(),
        asked.dialect().streams() && random.nextBoolean(),
        random.nextBoolean(),
        asked.control(),
        asked.force());
  }

  private Dialect dialect() {
    return pick(List.of(Dialect.values()));
  }

  private Ask ask(int number, Dialect dialect, List<String> prompts, String control) {
    return dialect == Dialect.EMBEDDINGS
        ? batch(number, prompts, control)
        : choices(number, dialect, prompts, control);
  }

  private Ask batch(int number, List<String> prompts, String control) {
    return new Ask(
        number,
        Dialect.EMBEDDINGS,
        rarely() ? "Bearer bob" : "Bearer ann",
        "no-store".equals(control) ? prompts.subList(0, 1) : prompts,
        random.nextBoolean(),
        1,
        false,
        null,
        null,
        rarely() ? "v" + random.nextInt(2) : null,
        false,
        true,
        control,
        false);
  }

  private Ask choices(int number, Dialect dialect, List<String> prompts, String control) {
    String temperature = pick(TEMPERATURES);
    boolean stream = random.nextBoolean();
    boolean force = random.nextInt(3) == 0;
    boolean deterministic = !temperature.equals("-") && isZero(temperature);
    // Several prompts of which nothing may be kept are one call.
    boolean divided =
        dialect == Dialect.COMPLETIONS && (deterministic || force) && !"no-store".equals(control);
    return new Ask(
        number,
        dialect,
        rarely() ? "Bearer bob" : "Bearer ann",
        divided ? prompts : prompts.subList(0, 1),
        random.nextBoolean(),
        random.nextBoolean() ? 1 : 1 + random.nextInt(4),
        dialect == Dialect.COMPLETIONS && rarely(),
        temperature.equals("-") ? null : temperature,
        rarely() ? 1 + random.nextInt(4) : null,
        rarely() ? "v" + random.nextInt(2) : null,
        stream,
        stream && random.nextBoolean(),
        control,
        force);
  }

  private static boolean isZero(String temperature) {
    return new BigDecimal(temperature.replace("\"", "")).signum() == 0;
  }

  private List<String> prompts(Dialect dialect, int verse, boolean troubled) {
    int count = random.nextBoolean() ? 1 : 1 + random.nextInt(4);
    boolean tokens = dialect != Dialect.CHAT && !troubled && random.nextInt(4) == 0;
    List<String> prompts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      prompts.add(
          tokens
              ? "[" + verse + "," + random.nextInt(4) + "]"
              : "\"" + pick(TEXTS) + " " + verse + "\"");
    }
    if (troubled) {
      prompts.set(random.nextInt(count), trouble(dialect, verse));
    }
    if (troubled && rarely()) {
      prompts.set(random.nextInt(count), trouble(dialect, verse));
    }
    // Of equal inputs of a call that fails, the second may be asked for once more before all is
    // over.
    return troubled && dialect == Dialect.EMBEDDINGS
        ? prompts.stream().distinct().toList()
        : prompts;
  }

  private String trouble(Dialect dialect, int verse) {
    // A vector has no end that could be missing.
    int kinds = UpstreamFault.values().length - (dialect == Dialect.EMBEDDINGS ? 2 : 1);
    UpstreamFault upstreamFault = UpstreamFault.values()[1 + random.nextInt(kinds)];
    return "\"" + upstreamFault.name().toLowerCase(Locale.ROOT) + " " + verse + "\"";
  }

  private boolean rarely() {
    return random.nextInt(5) == 0;
  }

  private <T> T pick(List<T> from) {
    return from.get(random.nextInt(from.size()));
  }
}
