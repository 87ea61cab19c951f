package dev.refrain.scenario;

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
    boolean troubled = random.nextInt(8) == 0;
    String control = random.nextInt(5) == 0 ? pick(CONTROLS) : null;
    return ask(number, prompts(verse, troubled), control);
  }

  /** Without trouble, and content with what others were answered. */
  Ask calm(int number, int verse) {
    return ask(number, prompts(verse, false), null);
  }

  /** The same question in another framing. */
  Ask again(int number, Ask asked) {
    return new Ask(
        number,
        asked.caller(),
        asked.prompts(),
        random.nextBoolean(),
        asked.n(),
        asked.candidates(),
        asked.temperature(),
        asked.seed(),
        asked.flavour(),
        random.nextBoolean(),
        random.nextBoolean(),
        asked.control(),
        asked.force());
  }

  private Ask ask(int number, List<String> prompts, String control) {
    String temperature = pick(TEMPERATURES);
    boolean stream = random.nextBoolean();
    boolean force = random.nextInt(3) == 0;
    boolean deterministic = !temperature.equals("-") && isZero(temperature);
    // Several prompts of which nothing may be kept are one call.
    boolean divided = (deterministic || force) && !"no-store".equals(control);
    return new Ask(
        number,
        rarely() ? "Bearer bob" : "Bearer ann",
        divided ? prompts : prompts.subList(0, 1),
        random.nextBoolean(),
        random.nextBoolean() ? 1 : 1 + random.nextInt(4),
        rarely(),
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

  private List<String> prompts(int verse, boolean troubled) {
    int count = random.nextBoolean() ? 1 : 1 + random.nextInt(4);
    boolean tokens = !troubled && random.nextInt(4) == 0;
    List<String> prompts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      prompts.add(
          tokens
              ? "[" + verse + "," + random.nextInt(4) + "]"
              : "\"" + pick(TEXTS) + " " + verse + "\"");
    }
    if (troubled) {
      prompts.set(random.nextInt(count), trouble(verse));
    }
    if (troubled && rarely()) {
      prompts.set(random.nextInt(count), trouble(verse));
    }
    return prompts;
  }

  private String trouble(int verse) {
    UpstreamFault upstreamFault =
        UpstreamFault.values()[1 + random.nextInt(UpstreamFault.values().length - 1)];
    return "\"" + upstreamFault.name().toLowerCase(Locale.ROOT) + " " + verse + "\"";
  }

  private boolean rarely() {
    return random.nextInt(5) == 0;
  }

  private <T> T pick(List<T> from) {
    return from.get(random.nextInt(from.size()));
  }
}
