package dev.refrain.rules;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.inference.CachePolicy;
import dev.refrain.inference.Endpoint;
import dev.refrain.inference.Glob;
import dev.refrain.rules.Conditions.Presence;
import dev.refrain.rules.Rule.Caching;
import dev.refrain.rules.Rules.RequestFacts;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class RulesTest {
  private static final Endpoint CHAT = new Endpoint("/v1/chat/completions", "chat", "chat");
  private static final Endpoint EMBEDDINGS = new Endpoint("/v1/embeddings", "embeddings", "x");
  private static final int LISTS = 2_000;
  private static final long HOUR = 3_600_000;

  private static Conditions when(
      String endpoint,
      String model,
      Presence temperature,
      String atMost,
      Presence seed,
      String header,
      String tenant) {
    return new Conditions(
        globs(endpoint),
        globs(model),
        temperature,
        atMost == null ? null : new BigDecimal(atMost),
        seed,
        header == null ? List.of() : List.of(new Conditions.Header("User-Agent", new Glob(header))),
        globs(tenant));
  }

  private static List<Glob> globs(String list) {
    return list == null ? List.of() : Stream.of(list.split("\\|")).map(Glob::new).toList();
  }

  private static RequestFacts facts(
      Endpoint endpoint, String model, String temperature, boolean seed, String agent, String key) {
    MultiMap headers = HttpHeaders.headers();
    if (agent != null) {
      Stream.of(agent.split("\\|")).forEach(each -> headers.add("user-agent", each));
    }
    BigDecimal given = temperature == null ? null : new BigDecimal(temperature);
    return new RequestFacts(endpoint, model, given, seed, headers, key);
  }

  private static Conditions endpoint(String globs) {
    return when(globs, null, null, null, null, null, null);
  }

  private static Conditions model(String globs) {
    return when(null, globs, null, null, null, null, null);
  }

  private static Conditions temperature(Presence presence, String atMost) {
    return when(null, null, presence, atMost, null, null, null);
  }

  private static Conditions seed(Presence presence) {
    return when(null, null, null, null, presence, null, null);
  }

  private static Conditions agent(String glob) {
    return when(null, null, null, null, null, glob, null);
  }

  private static Conditions tenant(String globs) {
    return when(null, null, null, null, null, null, globs);
  }

  private static RequestFacts chat(String model, String temperature, boolean seed) {
    return facts(CHAT, model, temperature, seed, null, null);
  }

  private static RequestFacts by(String agent, String tenant) {
    return facts(EMBEDDINGS, "m", null, false, agent, tenant);
  }

  static Stream<Arguments> table() {
    RequestFacts plain = chat("gpt-5-mini", null, false);
    return Stream.of(
        Arguments.of(Conditions.NONE, plain, true),
        Arguments.of(endpoint("chat"), plain, true),
        Arguments.of(endpoint("/v1/chat/*"), plain, true),
        Arguments.of(endpoint("embeddings|c*"), plain, true),
        Arguments.of(endpoint("completions"), plain, false),
        Arguments.of(endpoint("chat"), by(null, null), false),
        Arguments.of(model("gpt-5*"), plain, true),
        Arguments.of(model("o3|gpt-?-mini"), plain, true),
        Arguments.of(model("gpt-5"), plain, false),
        Arguments.of(model("GPT-5*"), plain, false),
        Arguments.of(temperature(Presence.ABSENT, null), plain, true),
        Arguments.of(temperature(Presence.ABSENT, null), chat("m", "0", false), false),
        Arguments.of(temperature(Presence.PRESENT, null), plain, false),
        Arguments.of(temperature(Presence.PRESENT, null), chat("m", "1.5", false), true),
        Arguments.of(temperature(Presence.PRESENT, "0.01"), plain, false),
        Arguments.of(temperature(Presence.PRESENT, "0.01"), chat("m", "0.010", false), true),
        Arguments.of(temperature(Presence.PRESENT, "0.01"), chat("m", "1e-2", false), true),
        Arguments.of(temperature(Presence.PRESENT, "0.01"), chat("m", "0.0100001", false), false),
        Arguments.of(temperature(Presence.PRESENT, "0"), chat("m", "0.0", false), true),
        Arguments.of(seed(Presence.PRESENT), chat("m", null, true), true),
        Arguments.of(seed(Presence.PRESENT), plain, false),
        Arguments.of(seed(Presence.ABSENT), plain, true),
        Arguments.of(seed(Presence.ABSENT), chat("m", null, true), false),
        Arguments.of(agent("*bench*"), by("my-bench/1", null), true),
        Arguments.of(agent("*bench*"), by("curl|my-bench/1", null), true),
        Arguments.of(agent("*bench*"), by("curl", null), false),
        Arguments.of(agent("*"), by(null, null), false),
        Arguments.of(tenant("team-*"), by(null, "team-a"), true),
        Arguments.of(tenant("a|b"), by(null, "b"), true),
        Arguments.of(tenant("team-*"), by(null, "ci"), false),
        Arguments.of(tenant("*"), by(null, null), false),
        Arguments.of(
            when("chat", "m", Presence.ABSENT, null, Presence.ABSENT, "a*", "t"),
            facts(CHAT, "m", null, false, "a", "t"),
            true),
        Arguments.of(
            when("chat", "m", Presence.ABSENT, null, Presence.ABSENT, "a*", "t"),
            facts(CHAT, "m", null, false, "b", "t"),
            false));
  }

  @ParameterizedTest
  @MethodSource("table")
  void aRuleAppliesWhereEachOfItsConditionsHolds(
      Conditions when, RequestFacts facts, boolean applies) {
    Rule rule = named("r", when);

    assertThat(new Rules(List.of(rule), HOUR).first(facts))
        .isEqualTo(applies ? rule : Rule.DEFAULT);
  }

  private static Rule named(String name, Conditions when) {
    return new Rule(when, Caching.ON, new CachePolicy(name, 0, ""));
  }

  @Test
  void withoutRulesNoneApplies() {
    assertThat(Rules.NONE.first(chat("m", "0", true))).isSameAs(Rule.DEFAULT);
    assertThat(Rules.NONE.isEmpty()).isTrue();
  }

  /** Each condition is drawn as an index, so that the model needs no globs and no numbers. */
  @Test
  void theFirstOfManyRulesIsTheOneOfANaiveModel() {
    Random random = new Random(7);
    for (int list = 0; list < LISTS; list++) {
      List<int[]> drawn = new ArrayList<>();
      List<Rule> rules = new ArrayList<>();
      for (int i = random.nextInt(6); i >= 0; i--) {
        int[] condition = random.ints(6, -1, 2).toArray();
        drawn.add(condition);
        rules.add(named("r" + rules.size(), conditions(condition)));
      }
      int[] request = random.ints(6, 0, 2).toArray();
      Rules all = new Rules(rules, HOUR);

      assertThat(all.first(request(request)).policy().rule())
          .as("list %d", list)
          .isEqualTo(expected(drawn, request));
      assertThat(all.at(endpoint(request)).first(request(request)).policy().rule())
          .as("list %d for one endpoint", list)
          .isEqualTo(expected(drawn, request));
    }
  }

  /** -1 is no condition; any other must be the value of the request. */
  private static String expected(List<int[]> rules, int[] request) {
    for (int rule = 0; rule < rules.size(); rule++) {
      boolean all = true;
      for (int i = 0; i < request.length; i++) {
        all &= rules.get(rule)[i] < 0 || rules.get(rule)[i] == request[i];
      }
      if (all) {
        return "r" + rule;
      }
    }
    return "";
  }

  private static Conditions conditions(int... drawn) {
    return when(
        pick(drawn[0], "chat", "/v1/emb*"),
        pick(drawn[1], "a*|x", "?b"),
        pick(drawn[2], Presence.ABSENT, Presence.PRESENT, null),
        drawn[2] == 1 ? "0.5" : null,
        pick(drawn[3], Presence.ABSENT, Presence.PRESENT, null),
        pick(drawn[4], "curl*", "*bench*"),
        pick(drawn[5], "team-?", "ci"));
  }

  private static Endpoint endpoint(int... values) {
    return values[0] == 0 ? CHAT : EMBEDDINGS;
  }

  private static RequestFacts request(int... values) {
    return facts(
        endpoint(values),
        pick(values[1], "ab c", "bb"),
        pick(values[2], null, "0.25"),
        values[3] == 1,
        pick(values[4], "curl/8", "a bench"),
        pick(values[5], "team-a", "ci"));
  }

  private static String pick(int index, String zero, String one) {
    return index < 0 ? null : index == 0 ? zero : one;
  }

  private static Presence pick(int index, Presence zero, Presence one, Presence none) {
    return index < 0 ? none : index == 0 ? zero : one;
  }
}
