package dev.refrain.cache;

import io.vertx.core.json.JsonObject;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.StringJoiner;

/** Counts what becomes of the entries of an import. One thread at a time. */
public final class ImportTally {
  private final Map<Imported, Long> counts = new EnumMap<>(Imported.class);

  /** Counts these. */
  public void add(Collection<Imported> outcomes) {
    outcomes.forEach(each -> counts.merge(each, 1L, Long::sum));
  }

  /** How many were stored. */
  public long stored() {
    return counts.getOrDefault(Imported.STORED, 0L);
  }

  /** {@code {"stored":9990,"kept":10}}; without those that did not occur. */
  public JsonObject json() {
    JsonObject json = JsonObject.of(Imported.STORED.label(), stored());
    counts.forEach((each, count) -> json.put(each.label(), count));
    return json;
  }

  /** {@code 9990 stored, 10 kept}, from {@link #json}. */
  public static String text(JsonObject counts) {
    StringJoiner text = new StringJoiner(", ");
    counts.forEach(each -> text.add(each.getValue() + " " + each.getKey()));
    return text.toString();
  }
}
