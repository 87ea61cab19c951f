package dev.refrain.cli;

import dev.refrain.cache.ImportRules;
import dev.refrain.cache.Imported;
import dev.refrain.cache.PurgeMarks;
import dev.refrain.cache.redis.RedisEntries;
import dev.refrain.cache.redis.SharedCacheSettings;
import dev.refrain.inference.Entry;
import dev.refrain.inference.EntryFilter;
import dev.refrain.inference.Observer;
import dev.refrain.redis.RedisLink;
import dev.refrain.redis.RedisLog;
import dev.refrain.redis.RedisSettings;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The entries in a Redis. */
final class RedisStore implements EntryStore {
  private static final int PATIENCE_SECONDS = 60;

  /** Commands that are sent before the first is answered. */
  private static final int AT_ONCE = 64;

  private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
  private final Context loop = vertx.getOrCreateContext();
  private final SharedCacheSettings settings;
  private final PurgeMarks purgeMarks;
  private RedisLink link;
  private RedisEntries entries;

  private RedisStore(SharedCacheSettings settings, PurgeMarks purgeMarks) {
    this.settings = settings;
    this.purgeMarks = purgeMarks;
  }

  /**
   * Connects.
   *
   * @param retention the longest that entries are kept there
   */
  static RedisStore open(RedisSettings where, SharedCacheSettings settings, Duration retention) {
    RedisStore store =
        new RedisStore(settings, new PurgeMarks(retention, System::currentTimeMillis));
    try {
      store.await(() -> store.connect(where));
      return store;
    } catch (Unusable failed) {
      store.close();
      throw failed;
    }
  }

  private Future<Void> connect(RedisSettings where) {
    link = RedisLink.open(vertx, where, RedisLog.silent(), new Observer() {});
    entries = new RedisEntries(link, settings, purgeMarks);
    return link.tried().compose(tried -> entries.learn());
  }

  private <T> T await(Supplier<Future<T>> work) {
    Promise<T> done = Promise.promise();
    loop.runOnContext(
        now -> Future.succeededFuture().compose(begun -> work.get()).onComplete(done));
    try {
      return done.future().await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException late) {
      throw new Unusable("Redis does not answer");
    } catch (RuntimeException failed) {
      throw new Unusable("Redis cannot be used: " + failed.getMessage());
    } catch (Exception failed) { // await throws what the future failed with
      throw new Unusable("Redis cannot be used: " + failed.getMessage());
    }
  }

  private void pages(Consumer<RedisEntries.Page> into) {
    String cursor = "0";
    do {
      String at = cursor;
      RedisEntries.Page page = await(() -> entries.page(at));
      into.accept(page);
      cursor = page.cursor();
    } while (!cursor.equals("0"));
  }

  @Override
  public void entries(EntryFilter filter, Consumer<Entry> into) {
    pages(page -> page.entries().stream().filter(filter::selects).forEach(into));
  }

  @Override
  public long ttl() {
    return settings.ttl().toMillis();
  }

  @Override
  public int maxEntry() {
    return settings.maxEntry();
  }

  @Override
  public String remove(EntryFilter filter) {
    long[] removed = {0};
    pages(page -> removed[0] += await(() -> entries.remove(page.entries(), filter)));
    return removed[0] + " removed";
  }

  @Override
  public List<Imported> add(List<Entry> all) {
    ImportRules rules = new ImportRules(purgeMarks, ttl(), maxEntry());
    List<Imported> outcomes = new ArrayList<>();
    for (int from = 0; from < all.size(); from += AT_ONCE) {
      List<Entry> some = all.subList(from, Math.min(all.size(), from + AT_ONCE));
      outcomes.addAll(
          await(
              () -> {
                List<Future<Imported>> each =
                    some.stream().map(entry -> entries.add(entry, rules)).toList();
                return Future.all(each).map(done -> each.stream().map(Future::result).toList());
              }));
    }
    return outcomes;
  }

  @Override
  public void verify(Consumer<String> damaged) {
    pages(page -> page.damaged().forEach(damaged));
  }

  @Override
  public void close() {
    // First, or the link would take the end of its connection for a loss, and connect again.
    await(() -> link == null ? Future.succeededFuture() : link.close());
    vertx.close().await();
  }
}
