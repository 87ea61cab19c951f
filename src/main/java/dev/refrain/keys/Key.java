package dev.refrain.keys;

import dev.refrain.completion.Failure;
import dev.refrain.completion.Failure.Kind;
import dev.refrain.completion.Journey;
import dev.refrain.completion.Tokens;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * One of Refrain's own keys: what it opens, and what it has left. It goes along with every request
 * that presents it, to hear what the upstream was paid. Any thread.
 */
public final class Key implements Journey {
  private final KeySettings settings;
  private final Tally tally;
  private final Optional<Allowance> requests;
  private final Optional<Allowance> tokens;

  private Key(
      KeySettings settings, Tally tally, Optional<Allowance> requests, Optional<Allowance> tokens) {
    this.settings = settings;
    this.tally = tally;
    this.requests = requests;
    this.tokens = tokens;
  }

  /**
   * A key as it is said.
   *
   * @param before the one of this name in the edition before, or null: what was counted goes on,
   *     and so does a limit that stays as it was
   */
  static Key of(KeySettings settings, Key before, LongSupplier nanoTime) {
    if (before == null) {
      return new Key(
          settings,
          new Tally(),
          allowance(settings.requests(), Optional.empty(), nanoTime),
          allowance(settings.tokens(), Optional.empty(), nanoTime));
    }
    return new Key(
        settings,
        before.tally,
        allowance(settings.requests(), before.requests, nanoTime),
        allowance(settings.tokens(), before.tokens, nanoTime));
  }

  private static Optional<Allowance> allowance(
      long limit, Optional<Allowance> before, LongSupplier nanoTime) {
    if (limit == 0) {
      return Optional.empty();
    }
    return before
        .filter(same -> same.limit() == limit)
        .or(() -> Optional.of(new Allowance(limit, nanoTime)));
  }

  /** Its name in metrics and logs. */
  public String name() {
    return settings.name();
  }

  /** With whom its holder shares answers. */
  public String tenant() {
    return settings.tenant();
  }

  /** What was counted of it. */
  public Tally tally() {
    return tally;
  }

  /** Whether it has any limit. */
  public boolean isLimited() {
    return requests.isPresent() || tokens.isPresent();
  }

  /** Requests a minute, if they are limited. */
  public Optional<Allowance> requests() {
    return requests;
  }

  /** Tokens a minute, if they are limited. */
  public Optional<Allowance> tokens() {
    return tokens;
  }

  /** Whether it may ask for this model. */
  public boolean opens(String model) {
    return settings.models().isEmpty()
        || settings.models().stream().anyMatch(glob -> glob.test(model));
  }

  /** Takes one of its requests; why it may not ask, or null. */
  public Failure ask() {
    tally.requests.increment();
    return requests.isEmpty() || requests.get().take()
        ? null
        : refused(Refusal.REQUESTS, Kind.TOO_MANY_REQUESTS, over(requests.get(), "requests"));
  }

  /** Why it may not go where nobody reads what is asked for and what it costs, or null. */
  public Failure pass() {
    boolean anywhere = settings.models().isEmpty() && tokens.isEmpty();
    String message = "this key is limited in models or tokens, and opens nothing but completions";
    return anywhere ? null : refused(Refusal.PATH, Kind.FORBIDDEN, message);
  }

  /** Why it may not ask for this model, or null. */
  public Failure choose(String model) {
    if (opens(model)) {
      return null;
    }
    tally.refused(Refusal.MODEL);
    return Failure.modelNotAllowed(model);
  }

  /** Whether it may ask for what costs something. */
  public boolean maySpend() {
    return tokens.isEmpty() || tokens.get().isLeft();
  }

  /** Why it was not answered if it may not, and nothing was to be had for nothing. */
  public Failure spent() {
    return refused(Refusal.TOKENS, Kind.TOO_MANY_TOKENS, over(tokens.orElseThrow(), "tokens"));
  }

  private Failure refused(Refusal why, Kind kind, String message) {
    tally.refused(why);
    return Failure.of(kind, message);
  }

  private static String over(Allowance allowance, String what) {
    return "this key has %d %s a minute and none left; try again in %d s"
        .formatted(allowance.limit(), what, allowance.waitSeconds());
  }

  /** Nothing that a key counts. */
  @Override
  public void step(Step step, String whom) {}

  @Override
  public void paid(Tokens paid) {
    tally.tokens.add(paid.total());
    tokens.ifPresent(left -> left.charge(paid.total()));
  }
}
