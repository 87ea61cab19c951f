package dev.refrain.keys;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Failure.Kind;
import dev.refrain.inference.Observer.KeyRejection;
import dev.refrain.inference.Tokens;
import dev.refrain.keys.Key.KeyDenial;
import dev.refrain.keys.KeySettings.BudgetSettings;
import dev.refrain.keys.KeySettings.KeySecret;
import io.vertx.core.MultiMap;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyringTest {
  private static final Budget.Tariff TARIFF =
      new Budget.Tariff(
          "EUR", model -> model.startsWith("m") ? tokens -> tokens.total() / 100.0 : null);

  private final Keyring keyring =
      ring(Keyring.NONE, key("a", List.of(), 0, 0), key("b", List.of("m"), 2, 100));

  private static Keyring ring(Keyring before, KeySettings... keys) {
    return before.next(List.of(keys), TARIFF, new Key.Clocks(() -> 0, () -> 0));
  }

  private static KeySettings key(String name, List<String> models, int requests, int tokens) {
    return new KeySettings(
        name,
        secret("secret-of-" + name),
        "t",
        models,
        requests,
        tokens,
        requests > 0 ? 1 : 0,
        0,
        null);
  }

  private static KeySettings of(String tenant, String name, int atOnce, int together) {
    KeySecret secret = secret("secret-of-" + name);
    return new KeySettings(name, secret, tenant, List.of(), 0, 0, atOnce, together, null);
  }

  private static Key named(Keyring ring, String name) {
    return ring.find(headers("Authorization", "Bearer secret-of-" + name));
  }

  @Test
  void keysOfOneTenantHaveSoManyRequestsAtOnceTogether() {
    Keyring ring = ring(Keyring.NONE, of("t", "x", 0, 3), of("t", "y", 1, 2), of("u", "z", 0, 0));
    Key x = named(ring, "x");
    Key y = named(ring, "y");
    assertThat(named(ring, "z").isBoundedAtOnce()).isFalse();
    assertThat(x.begin()).isNull();
    assertThat(y.begin()).isNull();
    assertThat(x.begin()).hasMessageContaining("this tenant (limit: 2)");
    assertThat(y.begin()).hasMessageContaining("this key (limit: 1)");
    x.end();
    assertThat(y.begin()).hasMessageContaining("this key (limit: 1)");
    assertThat(x.begin()).isNull();
  }

  @Test
  void whatATenantHasUnderWayCountsInTheNextGeneration() {
    Keyring ring = ring(Keyring.NONE, of("t", "x", 0, 1));
    Key before = named(ring, "x");
    assertThat(before.begin()).isNull();
    Key after = named(ring(ring, of("t", "x", 0, 1), of("t", "y", 0, 0)), "y");
    assertThat(after.begin()).hasMessageContaining("this tenant (limit: 1)");
    before.end();
    assertThat(after.begin()).isNull();
  }

  private static KeySecret secret(String text) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      return new KeySecret(
          "", "", HexFormat.of().formatHex(sha256.digest(text.getBytes(StandardCharsets.UTF_8))));
    } catch (NoSuchAlgorithmException impossible) {
      throw new AssertionError(impossible);
    }
  }

  private static MultiMap headers(String... namesAndValues) {
    MultiMap headers = MultiMap.caseInsensitiveMultiMap();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      headers.add(namesAndValues[i], namesAndValues[i + 1]);
    }
    return headers;
  }

  @ParameterizedTest
  @CsvSource({
    "Authorization, Bearer secret-of-a",
    "authorization, bearer secret-of-a",
    "AUTHORIZATION, BEARER   secret-of-a",
    "api-key, secret-of-a",
    "X-Api-Key, secret-of-a",
  })
  void aKeyIsFoundWhicheverWayItIsPresented(String name, String value) {
    assertThat(keyring.find(headers(name, value)).name()).isEqualTo("a");
  }

  @ParameterizedTest
  @CsvSource({
    "Authorization, secret-of-a",
    "Authorization, Bearersecret-of-a",
    "Authorization, Basic secret-of-a",
    "Authorization, Bearer Bearer secret-of-a",
    "Authorization, 'Bearer secret-of-a, Bearer secret-of-a'",
    "Authorization, Bearer secret-of-A",
    "Authorization, Bearer secret-of-",
    "Authorization, 'Bearer '",
    "Authorization, Bearer",
    "Authorization, ''",
    "api-key, Bearer secret-of-a",
    "api-key, ''",
    "x-api-key, secret-of-é",
  })
  void whatIsNotQuiteAKeyIsNone(String name, String value) {
    MultiMap headers = headers(name, value);
    assertThat(keyring.find(headers)).isNull();
    assertThat(Keyring.rejection(headers)).isEqualTo(KeyRejection.UNKNOWN);
  }

  @ParameterizedTest
  @CsvSource({"Authorization, api-key", "Authorization, Authorization", "api-key, x-api-key"})
  void twoAreNoneEvenIfTheyAreTheSame(String one, String other) {
    String first = one.equals("Authorization") ? "Bearer secret-of-a" : "secret-of-a";
    String second = other.equals("Authorization") ? "Bearer secret-of-a" : "secret-of-a";
    MultiMap headers = headers(one, first, other, second);
    assertThat(keyring.find(headers)).isNull();
    assertThat(Keyring.rejection(headers)).isEqualTo(KeyRejection.SEVERAL);
  }

  @Test
  void whoPresentsNothingIsMissingOne() {
    assertThat(keyring.find(headers("Accept", "Bearer secret-of-a"))).isNull();
    assertThat(Keyring.rejection(headers())).isEqualTo(KeyRejection.MISSING);
  }

  @Test
  void everyHeaderThatMayHoldAKeyIsTaken() {
    MultiMap headers = headers("Authorization", "x", "Api-Key", "y", "X-API-Key", "z", "A", "b");
    Keyring.take(headers);
    assertThat(headers.names()).containsExactly("A");
  }

  @Test
  void aKeyWithoutLimitsOpensEverything() {
    Key key = find("a");
    for (int i = 0; i < 1000; i++) {
      assertThat(key.ask()).isNull();
    }
    key.paid("m", Tokens.of(1_000_000, 1_000_000));
    assertThat(key.pass()).isNull();
    assertThat(key.choose("any")).isNull();
    assertThat(key.denial("m")).isNull();
    assertThat(key.isLimited()).isFalse();
    assertThat(key.usage().requests()).isEqualTo(1000);
    assertThat(key.usage().tokens()).isEqualTo(2_000_000);
  }

  @Test
  void aLimitedKeyIsRefusedForItsReasonAndThatIsCounted() {
    Key key = find("b");
    assertThat(key.ask()).isNull();
    assertThat(key.ask()).isNull();
    assertRefused(key.ask(), Kind.TOO_MANY_REQUESTS, "2 requests per minute");
    assertThat(key.choose("m")).isNull();
    assertRefused(key.choose("other"), Kind.NO_SUCH_MODEL, "'other'");
    assertRefused(key.pass(), Kind.FORBIDDEN, "completions");
    assertThat(key.denial("m")).isNull();
    key.paid("m", Tokens.of(60, 41));
    assertThat(key.denial("m")).isEqualTo(KeyDenial.TOKENS);
    assertRefused(key.denied(KeyDenial.TOKENS, "m"), Kind.TOO_MANY_TOKENS, "100 tokens per minute");
    assertThat(key.begin()).isNull();
    assertRefused(key.begin(), Kind.TOO_MANY_REQUESTS, "(limit: 1)");
    key.end();
    assertThat(key.begin()).isNull();
    assertThat(key.usage().requests()).isEqualTo(3);
    for (KeyDenial reason : EnumSet.complementOf(EnumSet.of(KeyDenial.BUDGET, KeyDenial.PRICE))) {
      assertThat(key.usage().refusals(reason)).as(reason.label()).isEqualTo(1);
    }
  }

  private static void assertRefused(Failure refusal, Kind kind, String words) {
    assertThat(refusal.kind()).isEqualTo(kind);
    assertThat(refusal).hasMessageContaining(words);
  }

  @Test
  void aLimitOfTokensAloneKeepsAKeyFromWhatNobodyCounts() {
    Keyring limited = ring(Keyring.NONE, key("a", List.of(), 0, 1));
    assertThat(limited.find(headers("api-key", "secret-of-a")).pass()).isNotNull();
    Keyring busy = ring(Keyring.NONE, key("a", List.of(), 1, 0));
    assertThat(busy.find(headers("api-key", "secret-of-a")).pass()).isNull();
  }

  private static KeySettings limited(double day, double month) {
    BudgetSettings budget = new BudgetSettings(day, month);
    return new KeySettings("a", secret("secret-of-a"), "t", List.of(), 0, 0, 0, 0, budget);
  }

  @Test
  void aBudgetThatIsUsedUpIsDeniedWithItsPeriodAndWhenItRenews() {
    Key key = find(ring(Keyring.NONE, limited(2, 3)), "a");
    assertThat(key.isLimited()).isTrue();
    key.paid("m", Tokens.of(100, 99));
    assertThat(key.denial("m")).as("a cent is left").isNull();
    key.paid("m", Tokens.of(0, 1));
    assertThat(key.denial("m")).isEqualTo(KeyDenial.BUDGET);
    assertRefused(
        key.denied(KeyDenial.BUDGET, "m"),
        Kind.INSUFFICIENT_QUOTA,
        "for the day, 2 EUR, is used up; it renews at 1970-01-02T00:00:00Z");
    key.paid("m", Tokens.of(100, 0));
    assertRefused(
        key.denied(KeyDenial.BUDGET, "m"),
        Kind.INSUFFICIENT_QUOTA,
        "for the month, 3 EUR, is used up; it renews at 1970-02-01T00:00:00Z");
    assertThat(key.usage().refusals(KeyDenial.BUDGET)).isEqualTo(2);
  }

  @Test
  void aKeyWithABudgetUsesOnlyWhatHasAPrice() {
    Key key = find(ring(Keyring.NONE, limited(2, 0)), "a");
    assertThat(key.denial("other")).isEqualTo(KeyDenial.PRICE);
    assertRefused(key.denied(KeyDenial.PRICE, "other"), Kind.FORBIDDEN, "'other' has no price");
    assertRefused(key.pass(), Kind.FORBIDDEN, "a budget");
    key.paid("other", Tokens.of(1_000, 0));
    assertThat(key.denial("m")).isNull();
  }

  @Test
  void whatWasSpentOutlivesAnotherBudgetAndAnotherPrice() {
    Keyring before = ring(Keyring.NONE, limited(2, 0));
    find(before, "a").paid("m", Tokens.of(200, 0));
    assertThat(find(ring(before, limited(2, 0)), "a").denial("m")).isEqualTo(KeyDenial.BUDGET);
    assertThat(find(ring(before, limited(3, 0)), "a").denial("m")).isNull();
    Keyring free =
        before.next(
            List.of(limited(2, 0)),
            new Budget.Tariff("EUR", model -> tokens -> 0),
            new Key.Clocks(() -> 0, () -> 0));
    assertThat(find(free, "a").denial("m")).as("costs nothing").isNull();
  }

  @Test
  void whatALimitHasLeftOutlivesTheEditionIfItStaysAsItIs() {
    find("b").ask();
    find("b").paid("m", Tokens.of(100, 50));

    Key same = find(ring(keyring, key("b", List.of(), 2, 100)), "b");
    assertThat(same.requests().orElseThrow().remaining()).isEqualTo(1);
    assertThat(same.denial("m")).isEqualTo(KeyDenial.TOKENS);
    Key other = find(ring(keyring, key("b", List.of(), 2, 101)), "b");
    assertThat(other.requests().orElseThrow().remaining()).isEqualTo(1);
    assertThat(other.tokens().orElseThrow().remaining()).isEqualTo(101);
    Key free = find(ring(keyring, key("b", List.of(), 0, 0)), "b");
    assertThat(free.isLimited()).isFalse();
    assertThat(free.usage()).isSameAs(find("b").usage());
  }

  @Test
  void whatARequestPaysAfterTheChangeCountsInTheNewEdition() {
    Key before = find("b");
    Key after = find(ring(keyring, key("b", List.of(), 2, 100)), "b");
    before.paid("m", Tokens.of(100, 0));
    assertThat(after.denial("m")).isEqualTo(KeyDenial.TOKENS);
  }

  @Test
  void aKeyThatIsGoneIsUnknownAndOneThatComesIsKnown() {
    Keyring next = ring(keyring, key("c", List.of(), 0, 0));
    assertThat(next.find(headers("api-key", "secret-of-a"))).isNull();
    assertThat(find(next, "c").name()).isEqualTo("c");
    assertThat(next.keys()).hasSize(1);
    assertThat(ring(next).isEmpty()).isTrue();
  }

  private Key find(String name) {
    return find(keyring, name);
  }

  private static Key find(Keyring keyring, String name) {
    return keyring.find(headers("Authorization", "Bearer secret-of-" + name));
  }
}
