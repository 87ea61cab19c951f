package dev.refrain.management;

import dev.refrain.inference.Failure;
import dev.refrain.inference.FinishedRequest;
import dev.refrain.inference.Framing;
import dev.refrain.inference.Source;
import dev.refrain.inference.Tokens;
import io.vertx.core.MultiMap;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * The last requests of the process, without prompts, answers or secrets. The newest replaces the
 * oldest. All places are made at the start, so that a request allocates nothing here.
 *
 * <p>Threads: any.
 */
public final class RecentRequests {
  /** How many are kept. */
  public static final int MOST = 1024;

  private static final int LONGEST_NAME = 128;

  private final Place[] places = new Place[MOST];
  private final AtomicLong count = new AtomicLong();
  private final LongSupplier clock;

  /**
   * None yet.
   *
   * @param clock milliseconds of the epoch
   */
  public RecentRequests(LongSupplier clock) {
    this.clock = clock;
    for (int i = 0; i < MOST; i++) {
      places[i] = new Place();
    }
  }

  /** Keeps what is known of this one. */
  public void add(FinishedRequest request) {
    places[(int) (count.getAndIncrement() % MOST)].take(request, clock.getAsLong());
  }

  /**
   * Those that match, the newest first: {@code {"at":1760000000000,"endpoint":"chat","model":"m",
   * "key":"search","status":200,"framing":"stream","source":"memory","reason":"hit","rule":"",
   * "milliseconds":0.4,"promptTokens":12,"completionTokens":3}}. What is not known is null.
   */
  JsonArray find(Filter filter) {
    JsonArray found = new JsonArray();
    long newest = count.get() - 1;
    long oldest = Math.max(0, newest - MOST + 1);
    for (long at = newest; at >= oldest && found.size() < filter.limit; at--) {
      JsonObject request = places[(int) (at % MOST)].read();
      if (request != null && filter.matches(request)) {
        found.add(request);
      }
    }
    return found;
  }

  /**
   * One request. Two event loops rarely have the same one, so its lock is hardly ever waited for.
   */
  private static final class Place {
    private long at;
    private String endpoint;
    private String model;
    private String key;
    private int status;
    private boolean streamed;
    private Source source;
    private String reason;
    private String rule;
    private long nanos;
    private Tokens tokens;

    synchronized void take(FinishedRequest request, long now) {
      at = now;
      endpoint = request.endpoint() == null ? null : request.endpoint().label();
      model = cut(request.model());
      key = request.keyName();
      status = request.status();
      streamed = request.framing() != Framing.WHOLE;
      source = request.source();
      reason = request.reason();
      rule = request.rule();
      nanos = request.nanos();
      tokens = request.tokens();
    }

    private static String cut(String text) {
      return text == null || text.length() <= LONGEST_NAME ? text : text.substring(0, LONGEST_NAME);
    }

    /** Null if there was none here yet. */
    synchronized JsonObject read() {
      if (reason == null) {
        return null;
      }
      return new JsonObject()
          .put("at", at)
          .put("endpoint", endpoint)
          .put("model", model)
          .put("key", key)
          .put("status", status)
          .put("framing", streamed ? "stream" : "whole")
          .put("source", source == null ? null : source.label())
          .put("reason", reason)
          .put("rule", rule)
          .put("milliseconds", Math.round(nanos / 1e3) / 1e3)
          .put("promptTokens", tokens.known() ? tokens.prompt() : null)
          .put("completionTokens", tokens.known() ? tokens.completion() : null);
    }
  }

  /**
   * Which requests are wanted.
   *
   * @param fields the values that fields must have; of a status also its class, such as {@code 5xx}
   * @param limit the most
   */
  record Filter(Map<String, String> fields, int limit) {
    private static final List<String> FIELDS =
        List.of("status", "endpoint", "model", "key", "framing", "source", "reason", "rule");
    private static final String LIMIT = "limit";
    private static final int USUAL = 100;

    /** Reads a query; an unknown or empty parameter is a {@code Failure} that names it. */
    static Filter of(MultiMap query) {
      Map<String, String> fields = new HashMap<>();
      int limit = USUAL;
      for (Map.Entry<String, String> each : query) {
        if (each.getKey().equals(LIMIT)) {
          limit = limit(each.getValue());
        } else if (FIELDS.contains(each.getKey())) {
          fields.put(each.getKey(), each.getValue().toLowerCase(Locale.ROOT));
        } else {
          throw Failure.invalid(
              each.getKey(),
              "unknown parameter " + each.getKey() + " (expected: limit, " + known() + ")");
        }
      }
      return new Filter(Map.copyOf(fields), limit);
    }

    private static String known() {
      return String.join(", ", FIELDS);
    }

    private static int limit(String text) {
      if (!text.matches("\\d{1,4}") || Integer.parseInt(text) > MOST) {
        throw Failure.invalid(LIMIT, "limit: expected a whole number from 0 to " + MOST);
      }
      return Integer.parseInt(text);
    }

    boolean matches(JsonObject request) {
      return fields.entrySet().stream()
          .allMatch(each -> matches(each.getValue(), request.getValue(each.getKey())));
    }

    private static boolean matches(String wanted, Object is) {
      String text = is == null ? "none" : is.toString().toLowerCase(Locale.ROOT);
      boolean ofClass = wanted.length() == 3 && wanted.endsWith("xx");
      return ofClass ? text.startsWith(wanted.substring(0, 1)) : text.equals(wanted);
    }
  }
}
