package dev.refrain;

import dev.refrain.cache.MemoryStore;
import dev.refrain.cache.MemoryStore.ListedEntry;
import dev.refrain.cache.MemoryStore.Order;
import dev.refrain.inference.Failure;
import dev.refrain.management.ManagementServices.StoredEntries;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Locale;

/** Lists the entries in memory for the management port. Any thread that may block. */
record StoredEntryList(MemoryStore memory) implements StoredEntries {
  @Override
  public JsonArray list(String by, int most) {
    JsonArray all = new JsonArray();
    memory.list(order(by), most).forEach(each -> all.add(json(each)));
    return all;
  }

  private static Order order(String by) {
    try {
      return Order.valueOf(by.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException unknown) {
      throw Failure.invalid("by", "by: expected size, age or hits");
    }
  }

  private static JsonObject json(ListedEntry each) {
    return new JsonObject()
        .put("fingerprint", each.entry().fingerprint().toString())
        .put("model", each.entry().model())
        .put("namespace", each.entry().namespace())
        .put("bytes", each.bytes())
        .put("hits", each.hits())
        .put("tokens", each.entry().tokens().known() ? each.entry().tokens().total() : null)
        .put("storedAt", each.entry().storedAt())
        .put("expiresAt", each.expiresAt());
  }
}
