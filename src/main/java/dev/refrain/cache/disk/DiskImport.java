package dev.refrain.cache.disk;

import dev.refrain.cache.EntryCodec;
import dev.refrain.cache.ImportRules;
import dev.refrain.cache.Imported;
import dev.refrain.inference.Entry;
import dev.refrain.inference.Fingerprint;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Decides for each imported entry whether it replaces the stored one.
 *
 * @param rows what is to be written
 * @param outcomes one for each entry, once that is done
 */
record DiskImport(List<EntryFile.Row> rows, List<Imported> outcomes) {
  /** Decides; writes nothing. */
  static DiskImport of(
      EntryFile file, EntryCodec codec, ImportRules rules, Collection<Entry> entries)
      throws DiskException {
    List<EntryFile.Row> rows = new ArrayList<>();
    List<Imported> outcomes = new ArrayList<>();
    Map<Fingerprint, Long> written = new HashMap<>();
    for (Entry each : entries) {
      Optional<Imported> refusal = rules.refusal(each);
      boolean newest = each.storedAt() > written.getOrDefault(each.fingerprint(), -1L);
      if (refusal.isPresent() || !newest || !isNews(file, codec, each)) {
        outcomes.add(refusal.orElse(Imported.KEPT));
        continue;
      }
      Optional<byte[]> value = codec.encode(each);
      value.ifPresent(
          bytes -> rows.add(new EntryFile.Row(each, bytes, each.expiresAt(rules.ttl()))));
      written.put(each.fingerprint(), each.storedAt());
      outcomes.add(value.isPresent() ? Imported.STORED : Imported.TOO_LARGE);
    }
    return new DiskImport(rows, outcomes);
  }

  /** Whether an entry is not there in a version that is as new. */
  static boolean isNews(EntryFile file, EntryCodec codec, Entry entry) throws DiskException {
    byte[] there = file.read(entry.fingerprint());
    return there == null
        || codec
            .decode(entry.fingerprint(), there)
            .map(other -> other.storedAt() < entry.storedAt())
            .orElse(true);
  }
}
