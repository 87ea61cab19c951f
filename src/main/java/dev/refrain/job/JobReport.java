package dev.refrain.job;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What became of the requests of a job.
 *
 * @param requests all of them
 * @param recorded asked of the upstream, and recorded
 * @param replayed answered by a recording
 * @param repeated of these, by a last recording once more
 * @param notRecorded without a recording, answered 404
 * @param notRecordable answered by the upstream, and not recorded
 * @param unanswered not answered by the upstream
 * @param unused recordings that were not asked for
 * @param credentials exchanges from which a credential was taken out
 * @param paid what was asked of the upstream cost
 * @param saved what was replayed would have cost
 * @param currency of prices; empty if there are none
 * @param seconds that the job took
 * @param upstreamSeconds that the upstream took for what was replayed, as far as it is known
 * @param missing what was not recorded; the first few
 */
public record JobReport(
    int requests,
    int recorded,
    int replayed,
    int repeated,
    int notRecorded,
    int notRecordable,
    int unanswered,
    int unused,
    int credentials,
    Cost paid,
    Cost saved,
    String currency,
    double seconds,
    double upstreamSeconds,
    List<Missing> missing) {

  /** Tokens, and their price. */
  public record Cost(long promptTokens, long completionTokens, double money) {
    static final Cost NONE = new Cost(0, 0, 0);

    Cost plus(Cost other) {
      return new Cost(
          promptTokens + other.promptTokens,
          completionTokens + other.completionTokens,
          money + other.money);
    }

    long tokens() {
      return promptTokens + completionTokens;
    }
  }

  /**
   * A request without a recording, without its content.
   *
   * @param request method and target
   * @param line of the nearest recording in its file; 0 if there is none of the same path
   * @param fields names of what differs from it
   */
  public record Missing(String request, int line, List<String> fields) {
    String text() {
      if (line == 0) {
        return request + "; no request of this path is recorded";
      }
      String differs =
          fields.isEmpty() ? "has no further sample" : "differs in: " + String.join(", ", fields);
      return request + "; the nearest recording, line " + line + ", " + differs;
    }
  }

  /** Lines for people. */
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    List<String> counts =
        new ArrayList<>(List.of(requests + (requests == 1 ? " request" : " requests")));
    add(counts, recorded, "recorded");
    add(counts, replayed, "replayed");
    add(counts, repeated, "of them repeated");
    add(counts, notRecorded, "not recorded");
    add(counts, notRecordable, "impossible to record");
    add(counts, unanswered, "without an answer");
    add(counts, unused, unused == 1 ? "recording unused" : "recordings unused");
    add(counts, credentials, "with a credential removed");
    lines.add(String.join(", ", counts));
    lines.add(
        (recorded > 0 || replayed == 0 ? cost("paid", paid) + ", " : "")
            + (replayed > 0 ? cost("saved", saved) + ", " : "")
            + decimal(seconds, 1)
            + " s"
            + (upstreamSeconds > 0
                ? " (the upstream took " + decimal(upstreamSeconds, 1) + " s)"
                : ""));
    return lines;
  }

  private static void add(List<String> counts, int count, String what) {
    if (count > 0) {
      counts.add(count + " " + what);
    }
  }

  private String cost(String what, Cost cost) {
    String money = currency.isEmpty() ? "" : " (" + decimal(cost.money, 4) + " " + currency + ")";
    return what + " " + cost.tokens() + " tokens" + money;
  }

  private static String decimal(double value, int places) {
    return String.format(Locale.ROOT, "%." + places + "f", value);
  }

  /**
   * The same as a document.
   *
   * @param status with which the program ends
   */
  public String json(int status) {
    JsonArray requested = new JsonArray();
    for (Missing each : missing) {
      requested.add(
          new JsonObject()
              .put("request", each.request())
              .put("nearestLine", each.line() == 0 ? null : each.line())
              .put("differs", new JsonArray(new ArrayList<>(each.fields()))));
    }
    return new JsonObject()
            .put("status", status)
            .put("requests", requests)
            .put("recorded", recorded)
            .put("replayed", replayed)
            .put("repeated", repeated)
            .put("notRecorded", notRecorded)
            .put("notRecordable", notRecordable)
            .put("unanswered", unanswered)
            .put("unused", unused)
            .put("credentialsRemoved", credentials)
            .put("paid", json(paid))
            .put("saved", json(saved))
            .put("seconds", Math.round(seconds * 1e3) / 1e3)
            .put("upstreamSeconds", upstreamSeconds)
            .put("missing", requested)
            .encodePrettily()
        + "\n";
  }

  private JsonObject json(Cost cost) {
    JsonObject object =
        new JsonObject()
            .put("promptTokens", cost.promptTokens)
            .put("completionTokens", cost.completionTokens);
    return currency.isEmpty()
        ? object
        : object.put("money", Math.round(cost.money * 1e6) / 1e6).put("currency", currency);
  }
}
