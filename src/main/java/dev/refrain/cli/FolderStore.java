package dev.refrain.cli;

import dev.refrain.cache.ImportRules;
import dev.refrain.cache.Imported;
import dev.refrain.cache.disk.DiskFolder;
import dev.refrain.cache.disk.DiskFolder.Listed;
import dev.refrain.config.CacheConfig;
import dev.refrain.inference.Entry;
import dev.refrain.inference.EntryFilter;
import java.util.List;
import java.util.function.Consumer;

/**
 * The folder of {@code cache.disk}.
 *
 * @param cache for how long its owner keeps entries, and how large ones
 */
record FolderStore(DiskFolder folder, CacheConfig cache) implements EntryStore {
  @Override
  public void entries(EntryFilter filter, Consumer<Entry> into) {
    folder.entries(filter, into);
  }

  @Override
  public void list(EntryFilter filter, Consumer<Listed> into) {
    folder.list(filter, into);
  }

  @Override
  public long ttl() {
    return cache.ttl().toMillis();
  }

  @Override
  public int maxEntry() {
    return cache.maxEntry().toInt();
  }

  @Override
  public String remove(EntryFilter filter) {
    return folder.remove(filter) + " removed";
  }

  @Override
  public List<Imported> add(List<Entry> entries) {
    folder.purgeMarks().retain(cache.longestTtl().plus(cache.grace()));
    return folder.add(entries, new ImportRules(folder.purgeMarks(), ttl(), maxEntry()));
  }

  @Override
  public void verify(Consumer<String> damaged) {
    folder.verify(damaged);
  }

  @Override
  public void close() {
    folder.close();
  }
}
