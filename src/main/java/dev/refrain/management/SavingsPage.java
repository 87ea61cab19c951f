package dev.refrain.management;

import dev.refrain.inference.Failure;
import dev.refrain.management.Savings.Row;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Answers {@code GET /savings}: JSON, or CSV (RFC 4180) with {@code format=csv}. {@code since} is a
 * date, an instant (both ISO 8601, UTC) or a duration such as {@code 24h} or {@code 7d}; it counts
 * from the beginning of its hour.
 */
record SavingsPage(Savings savings, Supplier<JsonArray> budgets, LongSupplier clock) {
  private static final String SINCE = "since";
  private static final String FORMAT = "format";
  private static final String EXPECTED =
      "since: expected a date (2026-01-31), an instant (2026-01-31T12:00:00Z) or a duration (24h,"
          + " 7d)";
  private static final int DIGITS = 6;

  /** Writes the sums. */
  void show(RoutingContext context) {
    MultiMap query = context.queryParams();
    try {
      check(query);
      long since = since(query.get(SINCE));
      List<Row> rows = savings.since(since);
      boolean csv = "csv".equals(query.get(FORMAT));
      context
          .response()
          .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
          .putHeader("X-Content-Type-Options", "nosniff")
          .putHeader(HttpHeaders.CONTENT_TYPE, csv ? "text/csv; charset=utf-8" : "application/json")
          .end(csv ? csv(rows) : json(since, rows).encode());
    } catch (Failure invalid) {
      ErrorPage.send(context, invalid);
    }
  }

  private static void check(MultiMap query) {
    for (String name : query.names()) {
      if (!name.equals(SINCE) && !name.equals(FORMAT)) {
        throw Failure.invalid(name, "unknown parameter " + name + " (expected: since, format)");
      }
    }
    String format = query.get(FORMAT);
    if (format != null && !format.equals("json") && !format.equals("csv")) {
      throw Failure.invalid(FORMAT, "format: expected json or csv");
    }
  }

  private long since(String text) {
    if (text == null) {
      return savings.oldest();
    }
    try {
      if (text.matches("\\d{1,6}[mhd]")) {
        String unit = text.endsWith("d") ? "P" + text : "PT" + text;
        return Math.max(0, clock.getAsLong() - Duration.parse(unit).toMillis());
      }
      return text.length() == "2026-01-31".length()
          ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli()
          : Instant.parse(text).toEpochMilli();
    } catch (DateTimeException | ArithmeticException invalid) {
      throw Failure.invalid(SINCE, EXPECTED);
    }
  }

  private JsonObject json(long since, List<Row> rows) {
    JsonArray all = new JsonArray();
    for (Row row : rows) {
      all.add(
          new JsonObject()
              .put("model", row.model())
              .put("endpoint", row.endpoint())
              .put("key", row.key().isEmpty() ? null : row.key())
              .put("rule", row.rule().isEmpty() ? null : row.rule())
              .put("source", row.source())
              .put("answers", row.answers())
              .put("promptTokens", row.promptTokens())
              .put("completionTokens", row.completionTokens())
              .put("money", rounded(row.money())));
    }
    // What was before the oldest hour is not known any more.
    long hour = Duration.ofHours(1).toMillis();
    return new JsonObject()
        .put(
            "since",
            Instant.ofEpochMilli(Math.max(since / hour * hour, savings.oldest())).toString())
        .put("until", Instant.ofEpochMilli(clock.getAsLong()).toString())
        .put("currency", savings.currency())
        .put("paid", total(rows, Row::isPaid))
        .put("saved", total(rows, row -> !row.isPaid()))
        .put("budgets", budgets.get())
        .put("rows", all);
  }

  private static JsonObject total(List<Row> rows, Predicate<Row> which) {
    List<Row> some = rows.stream().filter(which).toList();
    return new JsonObject()
        .put("tokens", some.stream().mapToLong(r -> r.promptTokens() + r.completionTokens()).sum())
        .put("money", rounded(some.stream().mapToDouble(Row::money).sum()));
  }

  private static BigDecimal rounded(double money) {
    BigDecimal exact = BigDecimal.valueOf(money);
    return exact.setScale(DIGITS, RoundingMode.HALF_EVEN);
  }

  private String csv(List<Row> rows) {
    StringBuilder text =
        new StringBuilder(
            "model,endpoint,key,rule,source,answers,prompt_tokens,completion_tokens,money,currency"
                + "\r\n");
    for (Row row : rows) {
      text.append(cell(row.model())).append(',').append(row.endpoint()).append(',');
      text.append(cell(row.key())).append(',').append(row.rule()).append(',');
      text.append(row.source()).append(',');
      text.append(row.answers()).append(',').append(row.promptTokens()).append(',');
      text.append(row.completionTokens()).append(',');
      text.append(rounded(row.money()).toPlainString()).append(',');
      text.append(savings.currency()).append("\r\n");
    }
    return text.toString();
  }

  // A spreadsheet takes a cell that begins so for a formula, and callers choose names of models.
  private static String cell(String text) {
    String safe = text.matches("(?s)[=+@\\t\\r-].*") ? "'" + text : text;
    return safe.matches("(?s).*[\",\\r\\n].*") ? '"' + safe.replace("\"", "\"\"") + '"' : safe;
  }
}
