package dev.refrain.cache.redis;

import dev.refrain.cache.EntryCodec;
import dev.refrain.cache.ImportRules;
import dev.refrain.cache.Imported;
import dev.refrain.cache.PurgeMarks;
import dev.refrain.inference.Entry;
import dev.refrain.inference.EntryFilter;
import dev.refrain.redis.RedisLink;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.ResponseType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The entries in Redis for an operator: all of them, page by page. On the event loop of its link.
 * Fails where Redis does not answer.
 */
public final class RedisEntries {
  /** An operator is patient; in milliseconds. */
  private static final long PATIENCE = 30_000;

  private static final int SCANNED = 256;

  /** Values that are read at once. */
  private static final int AT_ONCE = 16;

  /**
   * Stores a value unless an entry that is as new is there: the time stands in eight bytes of it
   * ({@link EntryCodec}).
   */
  private static final String STORE =
      """
      local time = redis.call('getrange', KEYS[1], 34, 41)
      local at = -1
      if #time == 8 then
        at = 0
        for i = 1, 8 do at = at * 256 + string.byte(time, i) end
      end
      if at >= tonumber(ARGV[2]) then return 0 end
      redis.call('set', KEYS[1], ARGV[1], 'px', ARGV[3])
      return 1
      """;

  private final RedisLink link;
  private final SharedCacheSettings settings;
  private final PurgeMarks purgeMarks;
  private final EntryCodec codec;
  private final String keys;

  /** What is in Redis by these settings; {@code purgeMarks} learns what was purged there. */
  public RedisEntries(RedisLink link, SharedCacheSettings settings, PurgeMarks purgeMarks) {
    this.link = link;
    this.settings = settings;
    this.purgeMarks = purgeMarks;
    this.codec = EntryCodec.complete(settings.maxEntry()); // an older one would lose the endpoint
    this.keys = settings.prefix() + ":" + EntryCodec.VERSION + ":{";
  }

  /** Learns what was purged; to be done first. */
  public Future<Void> learn() {
    return PurgeBoard.marks(link, settings.prefix(), PATIENCE)
        .onSuccess(marks -> marks.forEach(purgeMarks::add))
        .mapEmpty();
  }

  /**
   * Some of the keys.
   *
   * @param cursor where the next page begins; {@code 0} if there is none
   * @param entries what stands there and was not purged
   * @param damaged keys whose value is no entry
   */
  public record Page(String cursor, List<Entry> entries, List<String> damaged) {}

  /** A page; the first one has the cursor {@code 0}. A key may be in several. */
  public Future<Page> page(String cursor) {
    Request scan =
        Request.cmd(Command.SCAN)
            .arg(cursor)
            .arg("MATCH")
            .arg(glob(keys) + "*")
            .arg("COUNT")
            .arg(SCANNED);
    return link.send(keys, scan, PATIENCE)
        .compose(
            found -> {
              Page page = new Page(found.get(0).toString(), new ArrayList<>(), new ArrayList<>());
              List<String> names = new ArrayList<>();
              found.get(1).forEach(key -> names.add(key.toString()));
              return read(names, page);
            });
  }

  private static String glob(String literal) {
    return literal.replaceAll("[\\\\*?\\[\\]]", "\\\\$0");
  }

  private Future<Page> read(List<String> names, Page into) {
    if (names.isEmpty()) {
      return Future.succeededFuture(into);
    }
    int count = Math.min(AT_ONCE, names.size());
    List<String> some = names.subList(0, count);
    return Future.all(some.stream().map(this::value).toList())
        .compose(
            values -> {
              for (int i = 0; i < count; i++) {
                keep(some.get(i), values.resultAt(i), into);
              }
              return read(names.subList(count, names.size()), into);
            });
  }

  private Future<Response> value(String key) {
    Request get = Request.cmd(Command.GETRANGE).arg(key).arg(0).arg(settings.maxEntry());
    return link.send(key, get, PATIENCE)
        .recover(
            cause ->
                cause instanceof Response // another type, which is not ours
                    ? Future.succeededFuture()
                    : Future.failedFuture(cause));
  }

  private void keep(String key, Response value, Page into) {
    boolean bulk = value != null && value.type() == ResponseType.BULK;
    if (bulk && value.toBytes().length == 0) {
      return; // expired meanwhile
    }
    Optional<Entry> entry = bulk ? codec.decode(value.toBytes()) : Optional.empty();
    if (entry.filter(found -> settings.key(found.fingerprint()).equals(key)).isEmpty()) {
      into.damaged.add(key);
    } else if (!purgeMarks.covers(entry.get())) {
      into.entries.add(entry.get());
    }
  }

  /** Stores an entry that the rules allow, unless one that is as new is there. */
  public Future<Imported> add(Entry entry, ImportRules rules) {
    Optional<Imported> refusal = rules.refusal(entry);
    if (refusal.isPresent()) {
      return Future.succeededFuture(refusal.get());
    }
    Optional<byte[]> value = codec.encode(entry);
    if (value.isEmpty()) {
      return Future.succeededFuture(Imported.TOO_LARGE);
    }
    String key = settings.key(entry.fingerprint());
    long left = Math.max(1, entry.expiresAt(rules.ttl()) - purgeMarks.now());
    Request store =
        Request.cmd(Command.EVAL)
            .arg(STORE)
            .arg(1)
            .arg(key)
            .arg(value.get())
            .arg(entry.storedAt())
            .arg(left);
    return link.send(key, store, PATIENCE)
        .map(stored -> stored.toInteger() == 1 ? Imported.STORED : Imported.KEPT);
  }

  /** Removes those of these entries that the filter selects; how many. */
  public Future<Long> remove(List<Entry> entries, EntryFilter filter) {
    List<Future<Response>> removed =
        entries.stream()
            .filter(filter::selects)
            .map(entry -> settings.key(entry.fingerprint()))
            .map(key -> link.send(key, Request.cmd(Command.DEL).arg(key), PATIENCE))
            .toList();
    return Future.all(removed)
        .map(done -> removed.stream().mapToLong(each -> each.result().toLong()).sum());
  }
}
