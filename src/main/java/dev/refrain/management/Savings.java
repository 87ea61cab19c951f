package dev.refrain.management;

import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.Source;
import dev.refrain.inference.Tokens;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * What was paid and saved, by model, endpoint, key, rule and source, for each hour of the last 31
 * days of this process. Bounded: at most {@value #MOST} combinations, of which an hour has at most
 * {@value #MOST_OF_AN_HOUR}; further models share {@code other}, and the oldest hour gives way.
 *
 * <p>Threads: any.
 */
public final class Savings {
  static final int MOST = 10_000;
  static final int MOST_OF_AN_HOUR = 1_000;

  /** The source of choices that are a copy of another. */
  static final String COPY = "copy";

  private static final long HOUR = TimeUnit.HOURS.toMillis(1);
  private static final int HOURS = 31 * 24;
  private static final String OTHER = "other";
  private static final int LONGEST_NAME = 128;
  private static final int COPIES = Source.values().length;
  private static final List<String> SOURCES =
      Stream.concat(Stream.of(Source.values()).map(Source::label), Stream.of(COPY)).toList();

  private final LongSupplier clock;
  private final Deque<Hour> hours = new ArrayDeque<>();
  private final Map<String, Money> keys = new ConcurrentHashMap<>();
  private volatile Tariff tariff;
  private volatile Hour current;

  /**
   * A price list.
   *
   * @param currency of all prices
   * @param prices what tokens of a model cost; 0 for a model without a price
   */
  public record Tariff(String currency, Function<String, ToDoubleFunction<Tokens>> prices) {}

  /** Money of one key since the start. */
  public record Money(DoubleAdder paid, DoubleAdder saved) {
    Money() {
      this(new DoubleAdder(), new DoubleAdder());
    }
  }

  /**
   * Sums of one combination.
   *
   * @param source {@link Source#label}, or {@code copy}; {@code upstream} is paid, the rest saved
   * @param key the name of the key, or empty
   * @param rule the name of the rule that applied, or empty
   * @param answers how many
   */
  record Row(
      String model,
      String endpoint,
      String key,
      String rule,
      String source,
      long answers,
      long promptTokens,
      long completionTokens,
      double money) {
    private Row plus(Row other) {
      return new Row(
          model,
          endpoint,
          key,
          rule,
          source,
          answers + other.answers,
          promptTokens + other.promptTokens,
          completionTokens + other.completionTokens,
          money + other.money);
    }

    boolean isPaid() {
      return source.equals(Source.UPSTREAM.label());
    }
  }

  /**
   * Nothing counted yet.
   *
   * @param clock milliseconds of the epoch
   */
  public Savings(Tariff tariff, LongSupplier clock) {
    this.tariff = tariff;
    this.clock = clock;
    this.current = new Hour(clock.getAsLong() / HOUR);
    hours.add(current);
  }

  /** Counts by other prices from now on. */
  public void adopt(Tariff news) {
    tariff = news;
  }

  /** An answer of this source was given to a request. */
  public void answered(InferenceRequest request, Source source, Tokens tokens) {
    if (tokens.known()) {
      count(request, source.ordinal(), 1, tokens);
    }
  }

  /** Choices were answered with a copy of another, which would have cost so many tokens. */
  public void copied(InferenceRequest request, int choices, long tokens) {
    count(request, COPIES, choices, Tokens.of(0, tokens));
  }

  /** Money of the key of this name. */
  public Money ofKey(String name) {
    return keys.computeIfAbsent(name, key -> new Money());
  }

  private void count(InferenceRequest request, int source, int answers, Tokens tokens) {
    String key = request.costs().name();
    String rule = request.directives().policy().rule();
    Sums sums = hour().sums(request.model(), request.language().endpoint().label(), key, rule);
    double money = sums.add(source, answers, tokens, request.model(), tariff);
    if (money > 0 && !key.isEmpty()) {
      Money of = ofKey(key);
      (source == Source.UPSTREAM.ordinal() ? of.paid : of.saved).add(money);
    }
  }

  private Hour hour() {
    Hour now = current;
    return now.at == clock.getAsLong() / HOUR ? now : next();
  }

  private synchronized Hour next() {
    long at = clock.getAsLong() / HOUR;
    if (current.at < at) { // a clock that is set back goes on with the hour it has
      current = new Hour(at);
      hours.addLast(current);
      int rows = hours.stream().mapToInt(hour -> hour.rows.get()).sum() + MOST_OF_AN_HOUR;
      while (hours.size() > HOURS || rows > MOST && hours.size() > 1) {
        rows -= hours.removeFirst().rows.get();
      }
    }
    return current;
  }

  String currency() {
    return tariff.currency;
  }

  /** The beginning of the oldest hour there is, in milliseconds of the epoch. */
  synchronized long oldest() {
    return hours.peekFirst().at * HOUR;
  }

  /**
   * The sums since the beginning of the hour of this time, by model, endpoint, key, rule and
   * source.
   */
  synchronized List<Row> since(long millis) {
    Map<List<String>, Row> sums = new TreeMap<>(Savings::compare);
    for (Hour hour : hours) {
      if (hour.at >= millis / HOUR) {
        hour.list()
            .forEach(
                row ->
                    sums.merge(
                        List.of(row.model, row.endpoint, row.key, row.rule, row.source),
                        row,
                        Row::plus));
      }
    }
    return List.copyOf(sums.values());
  }

  private static int compare(List<String> a, List<String> b) {
    return Arrays.compare(a.toArray(String[]::new), b.toArray(String[]::new));
  }

  private static final class Hour {
    private final long at;
    private final AtomicInteger rows = new AtomicInteger();
    private final Map<String, Map<String, Map<String, Map<String, Sums>>>> models =
        new ConcurrentHashMap<>();

    /** Hours since 1970. */
    Hour(long at) {
      this.at = at;
    }

    // Nested maps, for a key of four would be garbage on each hit.
    Sums sums(String model, String endpoint, String key, String rule) {
      Map<String, Map<String, Map<String, Sums>>> endpoints = models.get(model);
      Map<String, Map<String, Sums>> keys = endpoints == null ? null : endpoints.get(endpoint);
      Map<String, Sums> rules = keys == null ? null : keys.get(key);
      Sums known = rules == null ? null : rules.get(rule);
      return known == null ? enter(model, endpoint, key, rule) : known;
    }

    private Sums enter(String model, String endpoint, String key, String rule) {
      boolean full = rows.get() >= MOST_OF_AN_HOUR || model.length() > LONGEST_NAME;
      return models
          .computeIfAbsent(full ? OTHER : model, name -> new ConcurrentHashMap<>())
          .computeIfAbsent(endpoint, name -> new ConcurrentHashMap<>())
          .computeIfAbsent(key, name -> new ConcurrentHashMap<>())
          .computeIfAbsent(
              rule,
              name -> {
                rows.incrementAndGet();
                return new Sums();
              });
    }

    List<Row> list() {
      List<Row> rows = new ArrayList<>();
      models.forEach(
          (model, endpoints) ->
              endpoints.forEach(
                  (endpoint, keys) ->
                      keys.forEach(
                          (key, rules) ->
                              rules.forEach(
                                  (rule, sums) ->
                                      sums.rows(model, endpoint, key, rule).forEach(rows::add)))));
      return rows;
    }
  }

  /** By source. */
  private static final class Sums {
    private final long[] answers = new long[COPIES + 1];
    private final long[] prompt = new long[COPIES + 1];
    private final long[] completion = new long[COPIES + 1];
    private final double[] money = new double[COPIES + 1];
    private Tariff tariff;
    private String priced;
    private ToDoubleFunction<Tokens> price;

    synchronized double add(int source, int count, Tokens tokens, String model, Tariff now) {
      if (tariff != now || !model.equals(priced)) {
        tariff = now;
        priced = model;
        price = now.prices.apply(model);
      }
      double cost = price.applyAsDouble(tokens);
      answers[source] += count;
      prompt[source] += tokens.prompt();
      completion[source] += tokens.completion();
      money[source] += cost;
      return cost;
    }

    synchronized Stream<Row> rows(String model, String endpoint, String key, String rule) {
      Stream.Builder<Row> rows = Stream.builder();
      for (int i = 0; i <= COPIES; i++) {
        if (answers[i] > 0) {
          rows.add(
              new Row(
                  model,
                  endpoint,
                  key,
                  rule,
                  SOURCES.get(i),
                  answers[i],
                  prompt[i],
                  completion[i],
                  money[i]));
        }
      }
      return rows.build();
    }
  }
}
