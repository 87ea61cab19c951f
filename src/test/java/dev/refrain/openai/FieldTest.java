package dev.refrain.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.openai.Field.KeyRole;
import dev.refrain.openai.RequestSchema.Bounds;
import dev.refrain.openai.completions.Completions;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FieldTest {
  private static final Map<String, Field> TABLE =
      Completions.DEFINITION.request().table(Bounds.PUBLISHED);

  /** Every field of the published schema of {@code /v1/completions}, August 2026. */
  @ParameterizedTest
  @CsvSource({
    "model, TEXT, KEY, ,",
    "prompt, INPUTS, KEY, ,",
    "best_of, INTEGER, KEY, 0, 20",
    "echo, FLAG, KEY, ,",
    "frequency_penalty, NUMBER, KEY, -2, 2",
    "logit_bias, BIAS, KEY, -100, 100",
    "logprobs, INTEGER, KEY, -1, 5",
    "max_tokens, INTEGER, KEY, -1, 2147483647",
    "n, INTEGER, FRAMING, 1, 128",
    "presence_penalty, NUMBER, KEY, -2, 2",
    "seed, INTEGER, KEY, -9223372036854775808, 9223372036854775807",
    "stop, STOP, KEY, , 4",
    "stream, FLAG, FRAMING, ,",
    "stream_options, STREAM_OPTIONS, FRAMING, ,",
    "suffix, TEXT, KEY, ,",
    "temperature, NUMBER, KEY, 0, 2",
    "top_p, NUMBER, KEY, 0, 1",
    "user, TEXT, ATTRIBUTION, ,",
  })
  void everyPublishedFieldHasItsShapeItsTreatmentAndItsBounds(
      String name, FieldType type, KeyRole keyRole, String min, String max) {
    Field field = TABLE.get(name);
    assertThat(field).as("nobody classified %s", name).isNotNull();
    assertThat(field.type()).isEqualTo(type);
    assertThat(field.role()).isEqualTo(keyRole);
    assertBound(field.min(), min);
    assertBound(field.max(), max);
  }

  private static void assertBound(BigDecimal bound, String expected) {
    if (expected == null) {
      assertThat(bound).isNull();
    } else {
      assertThat(bound).isEqualByComparingTo(expected);
    }
  }

  /** What servers add that must not become part of the key as it stands. */
  @ParameterizedTest
  @CsvSource({
    "sse_ping_interval, FRAMING",
    "safety_identifier, ATTRIBUTION",
    "metadata, ATTRIBUTION",
    "prompt_cache_key, ATTRIBUTION",
    "prompt_cache_retention, ATTRIBUTION",
    "service_tier, ATTRIBUTION",
    "priority, ATTRIBUTION",
    "request_id, ATTRIBUTION",
    "rid, ATTRIBUTION",
    "custom_labels, ATTRIBUTION",
    "cache_salt, ISOLATION",
    "extra_key, ISOLATION",
    "store, STATEFUL",
    "kv_transfer_params, STATEFUL",
    "bootstrap_host, STATEFUL",
    "bootstrap_port, STATEFUL",
    "bootstrap_room, STATEFUL",
    "routed_dp_rank, STATEFUL",
    "data_parallel_rank, STATEFUL",
    "session_id, STATEFUL",
    "session_params, STATEFUL",
    "id_slot, STATEFUL",
    "return_hidden_states, STATEFUL",
    "return_progress, STATEFUL",
    "timings_per_token, STATEFUL",
    "t_max_predict_ms, STATEFUL",
  })
  void everyExtensionThatIsNoPartOfTheAnswerIsClassified(String name, KeyRole keyRole) {
    assertThat(Field.of(TABLE, name).role()).isEqualTo(keyRole);
  }

  @ParameterizedTest
  @ValueSource(strings = {"top_k", "min_p", "guided_json", "Stream", "n ", "", "bootstrap"})
  void whatNobodyKnowsIsPartOfTheKey(String name) {
    Field field = Field.of(TABLE, name);
    assertThat(field.role()).isEqualTo(KeyRole.KEY);
    assertThat(field.type()).isEqualTo(FieldType.ANY);
  }

  @Test
  void onlyKeyAndIsolationGoIntoTheFingerprint() {
    assertThat(Set.of(KeyRole.values()).stream().filter(KeyRole::inFingerprint))
        .containsExactlyInAnyOrder(KeyRole.KEY, KeyRole.ISOLATION);
  }

  @Test
  void theCeilingsMayBeMoved() {
    Map<String, Field> wide =
        Completions.DEFINITION.request().table(new Bounds(7, 8, 9, 10.5, 12, 11));
    assertThat(wide.get("n").max()).isEqualByComparingTo("7");
    assertThat(wide.get("best_of").max()).isEqualByComparingTo("8");
    assertThat(wide.get("logprobs").max()).isEqualByComparingTo("9");
    assertThat(wide.get("temperature").max()).isEqualByComparingTo("10.5");
    assertThat(wide.get("stop").max()).isEqualByComparingTo("12");
  }
}
