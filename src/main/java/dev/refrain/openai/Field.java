package dev.refrain.openai;

import dev.refrain.openai.RequestSchema.Bounds;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A field of a request: its shape, its bounds, and what it means for the fingerprint. Fields that
 * are in no table are {@link FieldType#ANY} and {@link KeyRole#KEY}: unknown fields split the cache
 * rather than poison it.
 *
 * <p>Source: the published schemas of the endpoints, and the extensions of vLLM, SGLang and
 * llama.cpp.
 *
 * @param min least value, or null; for numbers only
 * @param max greatest value, or for {@link FieldType#STOP} most values, or null
 */
public record Field(String name, FieldType type, KeyRole role, BigDecimal min, BigDecimal max) {
  private static final List<String> ATTRIBUTION =
      List.of(
          "user",
          "safety_identifier",
          "metadata",
          "prompt_cache_key",
          "prompt_cache_retention",
          "service_tier",
          "priority",
          "request_id",
          "rid",
          "custom_labels");

  private static final List<String> ISOLATION = List.of("cache_salt", "extra_key");

  private static final List<String> STATEFUL =
      List.of(
          "store",
          "kv_transfer_params",
          "routed_dp_rank",
          "data_parallel_rank",
          "session_id",
          "session_params",
          "id_slot",
          "return_hidden_states",
          "return_progress",
          "timings_per_token",
          "t_max_predict_ms");

  /** A table of an endpoint's own fields and of those that servers have on every endpoint. */
  static Map<String, Field> table(List<Field> own) {
    Map<String, Field> table = new HashMap<>(128);
    for (String name : ATTRIBUTION) {
      table.put(name, any(name, KeyRole.ATTRIBUTION));
    }
    for (String name : STATEFUL) {
      table.put(name, any(name, KeyRole.STATEFUL));
    }
    for (String name : ISOLATION) {
      table.put(name, any(name, KeyRole.ISOLATION));
    }
    table.put("sse_ping_interval", any("sse_ping_interval", KeyRole.FRAMING));
    own.forEach(field -> table.put(field.name, field));
    return Map.copyOf(table);
  }

  /** The fields that say how tokens are drawn and how the answer is carried. */
  public static List<Field> sampling(Bounds bounds) {
    return List.of(
        text("model"),
        number("temperature", 0, bounds.temperature()),
        number("top_p", 0, 1),
        new Field("n", FieldType.INTEGER, KeyRole.FRAMING, decimal(1), decimal(bounds.n())),
        integer("max_tokens", -1, Integer.MAX_VALUE), // -1 is no limit, for llama.cpp
        integer("seed", Long.MIN_VALUE, Long.MAX_VALUE),
        number("frequency_penalty", -2, 2),
        number("presence_penalty", -2, 2),
        new Field("logit_bias", FieldType.BIAS, KeyRole.KEY, decimal(-100), decimal(100)),
        new Field("stop", FieldType.STOP, KeyRole.KEY, null, decimal(bounds.stop())),
        new Field("stream", FieldType.FLAG, KeyRole.FRAMING, null, null),
        new Field("stream_options", FieldType.STREAM_OPTIONS, KeyRole.FRAMING, null, null),
        new Field("user", FieldType.TEXT, KeyRole.ATTRIBUTION, null, null));
  }

  // Servers take "no limit" for another value than their default: vLLM gives all that fits.
  private static final Set<String> LIMITS =
      Set.of(
          "max_tokens",
          "max_completion_tokens",
          "max_new_tokens",
          "max_length",
          "n_predict",
          "num_predict");

  // In no published schema, but null by default in every server that knows them.
  private static final Set<String> NULL_BY_DEFAULT =
      Set.of(
          "top_k",
          "min_p",
          "repetition_penalty",
          "stop_token_ids",
          "prompt_logprobs",
          "response_format");

  /**
   * Whether null is a value of the field rather than the same as its absence.
   *
   * @param known whether the field is in the table
   */
  boolean nullCounts(boolean known) {
    if (role != KeyRole.KEY) {
      return false;
    }
    return LIMITS.contains(name) || !known && !NULL_BY_DEFAULT.contains(name);
  }

  /** The field of this name, known or not. */
  static Field of(Map<String, Field> table, String name) {
    Field known = table.get(name);
    if (known != null) {
      return known;
    }
    // SGLang's hand-over between prefill and decode servers: bootstrap_host, bootstrap_room, …
    return any(name, name.startsWith("bootstrap_") ? KeyRole.STATEFUL : KeyRole.KEY);
  }

  private static Field any(String name, KeyRole keyRole) {
    return new Field(name, FieldType.ANY, keyRole, null, null);
  }

  /** A string that is part of the fingerprint. */
  public static Field text(String name) {
    return new Field(name, FieldType.TEXT, KeyRole.KEY, null, null);
  }

  /** A flag that is part of the fingerprint. */
  public static Field flag(String name) {
    return new Field(name, FieldType.FLAG, KeyRole.KEY, null, null);
  }

  /** The field whose elements are inputs of calls of their own. */
  public static Field inputs(String name) {
    return new Field(name, FieldType.INPUTS, KeyRole.KEY, null, null);
  }

  /** A field with which a call depends on, or changes, a state at the server. */
  public static Field stateful(String name) {
    return any(name, KeyRole.STATEFUL);
  }

  /** A field of this type that is part of the fingerprint. */
  public static Field of(String name, FieldType type) {
    return new Field(name, type, KeyRole.KEY, null, null);
  }

  /** The same field where servers take inputs of other shapes, too. */
  public static Field openInputs(String name) {
    return new Field(name, FieldType.OPEN_INPUTS, KeyRole.KEY, null, null);
  }

  /** A whole number that is part of the fingerprint. */
  public static Field integer(String name, long min, long max) {
    return new Field(name, FieldType.INTEGER, KeyRole.KEY, decimal(min), decimal(max));
  }

  /** A number that is part of the fingerprint. */
  public static Field number(String name, double min, double max) {
    return new Field(
        name, FieldType.NUMBER, KeyRole.KEY, BigDecimal.valueOf(min), BigDecimal.valueOf(max));
  }

  private static BigDecimal decimal(long value) {
    return BigDecimal.valueOf(value);
  }

  /** Role of a request field for the identity of its answer. */
  public enum KeyRole {
    /** Can change the answer: part of the fingerprint. Every unknown field is one of these. */
    KEY,
    /** Affects only the framing or the number of answers; restored on replay. */
    FRAMING,
    /** Names an account or a placement of the call; changes no answer. */
    ATTRIBUTION,
    /** Asks for a cache of one's own: part of the scope, and so of the fingerprint. */
    ISOLATION,
    /** Depends on, or changes, a state at the server: the call is made for itself alone. */
    STATEFUL;

    /** Whether the field's value goes into the fingerprint. */
    boolean inFingerprint() {
      return this == KEY || this == ISOLATION;
    }
  }
}
