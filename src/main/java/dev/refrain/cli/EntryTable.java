package dev.refrain.cli;

import dev.refrain.cache.disk.DiskFolder;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** Entries for people, or as lines of JSON. */
final class EntryTable {
  static final Comparator<List<String>> BY_NAME =
      Comparator.comparing(names -> String.join("\0", names));

  private static final String ROW = "%-12s %-28s %-12s %8s %8s %9s  %s%n";
  private final PrintWriter out;
  private final boolean json;
  private final long now;
  private boolean begun;

  EntryTable(PrintWriter out, boolean json, long now) {
    this.out = out;
    this.json = json;
    this.now = now;
  }

  void row(DiskFolder.Listed each) {
    if (json) {
      out.println(document(each).encode());
      return;
    }
    if (!begun) {
      out.printf(ROW, "ENDPOINT", "MODEL", "NAMESPACE", "AGE", "EXPIRES", "BYTES", "FINGERPRINT");
      begun = true;
    }
    out.printf(
        ROW,
        shown(each.endpoint()),
        shown(each.model()),
        shown(each.namespace()),
        time(now - each.storedAt()),
        each.expiresAt() <= now ? "expired" : time(each.expiresAt() - now),
        each.size(),
        each.fingerprint());
  }

  private static JsonObject document(DiskFolder.Listed each) {
    return new JsonObject()
        .put("fingerprint", each.fingerprint().toString())
        .put("endpoint", each.endpoint())
        .put("model", each.model())
        .put("namespace", each.namespace())
        .put("scope", HexFormat.of().toHexDigits(each.scope()))
        .put("storedAt", each.storedAt())
        .put("expiresAt", each.expiresAt())
        .put("size", each.size());
  }

  static void count(Map<List<String>, long[]> groups, DiskFolder.Listed each) {
    long[] sums =
        groups.computeIfAbsent(
            List.of(each.endpoint(), each.model(), each.namespace()), none -> new long[2]);
    sums[0]++;
    sums[1] += each.size();
  }

  static void stats(PrintWriter out, boolean json, Map<List<String>, long[]> groups) {
    if (!json) {
      out.printf(
          "%-12s %-28s %-12s %9s %12s%n", "ENDPOINT", "MODEL", "NAMESPACE", "ENTRIES", "BYTES");
    }
    long[] all = new long[2];
    groups.forEach(
        (names, sums) -> {
          all[0] += sums[0];
          all[1] += sums[1];
          if (json) {
            out.println(
                JsonObject.of(
                        "endpoint",
                        names.get(0),
                        "model",
                        names.get(1),
                        "namespace",
                        names.get(2),
                        "entries",
                        sums[0],
                        "bytes",
                        sums[1])
                    .encode());
          } else {
            out.printf(
                "%-12s %-28s %-12s %9d %12d%n",
                shown(names.get(0)), shown(names.get(1)), shown(names.get(2)), sums[0], sums[1]);
          }
        });
    if (!json) {
      out.printf("%-12s %-28s %-12s %9d %12d%n", "all", "", "", all[0], all[1]);
    }
  }

  /** Nothing that a terminal would take for a command. */
  private static String shown(String text) {
    return text.isEmpty() ? "-" : text.replaceAll("\\p{Cntrl}", "?");
  }

  private static String time(long millis) {
    Duration time = Duration.ofMillis(Math.max(0, millis));
    if (time.toDays() > 1) {
      return time.toDays() + "d";
    }
    return time.toHours() > 1
        ? time.toHours() + "h"
        : time.toMinutes() > 1 ? time.toMinutes() + "m" : time.toSeconds() + "s";
  }
}
