package dev.refrain.rules;

import dev.refrain.inference.Endpoint;
import io.vertx.core.MultiMap;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;

/**
 * Rules in the order in which they are tried. Any thread.
 *
 * @param list the first that applies decides
 * @param ttl how long answers are fresh where no rule says it, in milliseconds
 */
public record Rules(List<Rule> list, long ttl) {
  /** No rules, and no bound on what a request may ask for. */
  public static final Rules NONE = new Rules(List.of(), Long.MAX_VALUE);

  /** The rules of a configuration. */
  public static Rules of(List<RuleSettings> rules, Duration ttl) {
    return new Rules(rules.stream().map(RuleSettings::rule).toList(), ttl.toMillis());
  }

  /** Copies the list. */
  public Rules {
    list = List.copyOf(list);
  }

  /** Whether there are none, so that no facts are needed. */
  public boolean isEmpty() {
    return list.isEmpty();
  }

  /** The same for requests to one endpoint alone: without those rules that never apply there. */
  public Rules at(Endpoint endpoint) {
    List<Rule> there =
        list.stream()
            .filter(rule -> rule.when().endpointHolds(endpoint))
            .map(Rule::atAnyEndpoint)
            .toList();
    return new Rules(there, ttl);
  }

  /** The first rule that applies, or {@link Rule#DEFAULT}. */
  public Rule first(RequestFacts facts) {
    for (int i = 0; i < list.size(); i++) { // a request may meet many
      if (list.get(i).when().hold(facts)) {
        return list.get(i);
      }
    }
    return Rule.DEFAULT;
  }

  /** The facts of a request that rules evaluate. One thread. */
  public static final class RequestFacts {
    final Endpoint endpoint;
    final String model;
    final BigDecimal temperature;
    final boolean seed;
    final String tenant;
    private final MultiMap headers;
    private String name = "";
    private List<String> values = List.of();

    /**
     * The facts of a request.
     *
     * @param model as requested
     * @param temperature as given, or null
     * @param seed whether one is given
     * @param headers of the request, read only
     * @param tenant of the caller's key, or null
     */
    public RequestFacts(
        Endpoint endpoint,
        String model,
        BigDecimal temperature,
        boolean seed,
        MultiMap headers,
        String tenant) {
      this.endpoint = endpoint;
      this.model = model;
      this.temperature = temperature;
      this.seed = seed;
      this.headers = headers;
      this.tenant = tenant;
    }

    /** The values of a header field. Many rules look at the same one, so the last is remembered. */
    List<String> values(String asked) {
      if (!name.equals(asked)) {
        name = asked;
        values = headers.getAll(asked);
      }
      return values;
    }
  }
}
