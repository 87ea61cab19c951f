package dev.refrain.inference;

/**
 * Selects stored entries for an operator. Empty fields select all.
 *
 * @param model a glob
 * @param endpoint by its label
 * @param namespace a whole name
 * @param before entries asked for before this, in milliseconds of the epoch
 */
public record EntryFilter(String model, String endpoint, String namespace, long before) {
  /** Selects every entry. */
  public static final EntryFilter ALL = new EntryFilter("", "", "", Long.MAX_VALUE);

  /** Whether it selects an entry with these fields. */
  public boolean selects(String ofModel, String ofEndpoint, String ofNamespace, long storedAt) {
    return (model.isEmpty() || new Glob(model).matches(ofModel))
        && (endpoint.isEmpty() || endpoint.equals(ofEndpoint))
        && (namespace.isEmpty() || namespace.equals(ofNamespace))
        && storedAt < before;
  }

  /** Whether it selects an entry. */
  public boolean selects(Entry entry) {
    return selects(entry.model(), entry.endpoint(), entry.namespace(), entry.storedAt());
  }
}
