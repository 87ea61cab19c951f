package dev.refrain.keys;

import dev.refrain.inference.CostListener;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Failure.Kind;
import dev.refrain.inference.Glob;
import dev.refrain.inference.Tokens;
import dev.refrain.keys.Budget.Tariff;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * One API key: its permissions and its remaining limits. It goes along with every request that
 * presents it, to count the tokens that the upstream was paid. Any thread.
 */
public final class Key implements CostListener {
  /**
   * The keys of one tenant together.
   *
   * @param most requests at once; 0 is no limit
   * @param underWay requests in progress, in all generations
   */
  record Tenant(int most, AtomicInteger underWay) {
    boolean begin() {
      return underWay.incrementAndGet() <= most || most == 0;
    }
  }

  private final KeySettings settings;
  private final List<Glob> models;
  private final Tenant tenant;
  private final KeyUsage usage;
  private final Optional<TokenBucket> requests;
  private final Optional<TokenBucket> tokens;
  private final Budget budget; // null without one, for which nothing is to be looked up

  private Key(
      KeySettings settings,
      Tenant tenant,
      KeyUsage usage,
      Optional<TokenBucket> requests,
      Optional<TokenBucket> tokens,
      Budget budget) {
    this.settings = settings;
    this.models = settings.models().stream().map(Glob::new).toList();
    this.tenant = tenant;
    this.usage = usage;
    this.requests = requests;
    this.tokens = tokens;
    this.budget = budget;
  }

  /**
   * A key with these settings.
   *
   * @param before the key of this name in the previous generation, or null: its counts continue,
   *     and so does a limit that is unchanged, and what was spent of a budget
   */
  static Key of(KeySettings settings, Tenant tenant, Key before, Tariff tariff, Clocks clocks) {
    Optional<Key> same = Optional.ofNullable(before);
    return new Key(
        settings,
        tenant,
        same.map(key -> key.usage).orElseGet(KeyUsage::new),
        bucket(settings.requestsPerMinute(), same.flatMap(Key::requests), clocks.nanoTime),
        bucket(settings.tokensPerMinute(), same.flatMap(Key::tokens), clocks.nanoTime),
        budget(settings, same.flatMap(Key::budget), tariff, clocks.millis));
  }

  /**
   * The time.
   *
   * @param nanoTime for limits a minute
   * @param millis milliseconds of the epoch, for budgets
   */
  record Clocks(LongSupplier nanoTime, LongSupplier millis) {}

  private static Budget budget(
      KeySettings settings, Optional<Budget> before, Tariff tariff, LongSupplier millis) {
    return settings.budget().isLimited()
        ? new Budget(
            settings.budget(),
            before.map(Budget::spending).orElseGet(() -> new Spending(millis)),
            tariff)
        : null;
  }

  private static Optional<TokenBucket> bucket(
      long limit, Optional<TokenBucket> before, LongSupplier nanoTime) {
    if (limit == 0) {
      return Optional.empty();
    }
    return before
        .filter(same -> same.limit() == limit)
        .or(() -> Optional.of(new TokenBucket(limit, nanoTime)));
  }

  /** Its name in metrics and logs. */
  @Override
  public String name() {
    return settings.name();
  }

  /** The tenant: keys of one tenant share answers. */
  @Override
  public String tenant() {
    return settings.tenant();
  }

  /** Its counters. */
  public KeyUsage usage() {
    return usage;
  }

  /** Whether it has any limit. */
  public boolean isLimited() {
    return requests.isPresent() || tokens.isPresent() || budget != null;
  }

  /** Its budget, if it has one. */
  public Optional<Budget> budget() {
    return Optional.ofNullable(budget);
  }

  /** Requests a minute, if they are limited. */
  public Optional<TokenBucket> requests() {
    return requests;
  }

  /** Tokens a minute, if they are limited. */
  public Optional<TokenBucket> tokens() {
    return tokens;
  }

  /** Whether it may ask for this model. */
  public boolean opens(String model) {
    return models.isEmpty() || models.stream().anyMatch(glob -> glob.matches(model));
  }

  /** Takes one of its requests; why it may not ask, or null. */
  public Failure ask() {
    usage.requests.increment();
    return requests.isEmpty() || requests.get().take()
        ? null
        : refused(KeyDenial.REQUESTS, Kind.TOO_MANY_REQUESTS, over(requests.get(), "requests"));
  }

  /** Whether only so many of its requests, or of its tenant's, may be under way at once. */
  public boolean isBoundedAtOnce() {
    return settings.concurrency() > 0 || tenant.most() > 0;
  }

  /** Begins a request, which must {@link #end}; why it may not, or null. */
  public Failure begin() {
    int most = settings.concurrency();
    boolean fits = usage.underWay.incrementAndGet() <= most || most == 0;
    boolean together = tenant.begin();
    if (fits && together) {
      return null;
    }
    end();
    String message =
        "too many requests at once with %s (limit: %d); try again when one has ended"
            .formatted(fits ? "the keys of this tenant" : "this key", fits ? tenant.most() : most);
    return refused(KeyDenial.CONCURRENCY, Kind.TOO_MANY_REQUESTS, message);
  }

  /** Ends a request that was begun. */
  public void end() {
    usage.underWay.decrementAndGet();
    tenant.underWay().decrementAndGet();
  }

  /**
   * Why it must not be used for pass-through requests, whose model and usage are unknown, or null.
   */
  public Failure pass() {
    boolean anywhere = models.isEmpty() && tokens.isEmpty() && budget == null;
    String message =
        "this key is limited to certain models, a token rate or a budget, and allows only"
            + " completions, chat completions and embeddings";
    return anywhere ? null : refused(KeyDenial.PATH, Kind.FORBIDDEN, message);
  }

  /** Why it may not ask for this model, or null. */
  public Failure choose(String model) {
    if (opens(model)) {
      return null;
    }
    usage.refused(KeyDenial.MODEL);
    return Failure.modelNotAllowed(model);
  }

  /** Why it may not ask for what costs something of this model, or null. Counts nothing. */
  public KeyDenial denial(String model) {
    if (tokens.isPresent() && !tokens.get().isLeft()) {
      return KeyDenial.TOKENS;
    }
    return budget == null ? null : budget.denial(model);
  }

  /** The same for the caller, after nothing was to be had for nothing. */
  public Failure denied(KeyDenial why, String model) {
    return switch (why) {
      case BUDGET -> refused(why, Kind.INSUFFICIENT_QUOTA, budget.message());
      case PRICE ->
          refused(
              why, Kind.FORBIDDEN, "this key has a budget, and '%s' has no price".formatted(model));
      default -> refused(why, Kind.TOO_MANY_TOKENS, over(tokens.orElseThrow(), "tokens"));
    };
  }

  private Failure refused(KeyDenial reason, Kind kind, String message) {
    usage.refused(reason);
    return Failure.of(kind, message);
  }

  private static String over(TokenBucket bucket, String what) {
    return "rate limit of this key reached: %d %s per minute; try again in %d s"
        .formatted(bucket.limit(), what, bucket.waitSeconds());
  }

  @Override
  public void paid(String model, Tokens paid) {
    usage.tokens.add(paid.total());
    tokens.ifPresent(left -> left.charge(paid.total()));
    if (budget != null) {
      budget.charge(model, paid);
    }
  }

  /** Why a request with a known key was denied; also the label in metrics. */
  public enum KeyDenial {
    /** It has no request left. */
    REQUESTS,
    /** It has no token left, and the answer is not to be had for nothing. */
    TOKENS,
    /** It has no money left of its budget, and the answer is not to be had for nothing. */
    BUDGET,
    /** It has a budget, the model no price, and the answer is not to be had for nothing. */
    PRICE,
    /** It has as many requests under way as it may. */
    CONCURRENCY,
    /** The model is not for it. */
    MODEL,
    /** It is limited by model, tokens or money, which are known only for completions. */
    PATH;

    /** The value in metrics. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Usage of a key since the process began. Any thread. */
  public static final class KeyUsage {
    final LongAdder requests = new LongAdder();
    final LongAdder tokens = new LongAdder();
    final AtomicInteger underWay = new AtomicInteger();
    private final Map<KeyDenial, LongAdder> refused = new EnumMap<>(KeyDenial.class);

    KeyUsage() {
      for (KeyDenial reason : KeyDenial.values()) {
        refused.put(reason, new LongAdder());
      }
    }

    void refused(KeyDenial reason) {
      refused.get(reason).increment();
    }

    /** Requests that presented it, refused ones included. */
    public long requests() {
      return requests.sum();
    }

    /** Those of them that were refused for this reason. */
    public long refusals(KeyDenial reason) {
      return refused.get(reason).sum();
    }

    /** Tokens that upstreams were paid for it. */
    public long tokens() {
      return tokens.sum();
    }
  }
}
