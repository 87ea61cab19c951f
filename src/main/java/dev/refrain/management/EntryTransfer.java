package dev.refrain.management;

import dev.refrain.inference.EntryFilter;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;

/**
 * Moves stored entries of this process, those in memory and on the disk, out of it and into it, as
 * lines of JSON. One transfer at a time. Called on an event loop, which it never holds up.
 */
public interface EntryTransfer {
  /** Entries on their way out. */
  interface Export {
    /** The next lines; null behind the last. To be called again only when this has succeeded. */
    Future<Buffer> next();

    /** Ends it, also before its end. */
    void close();
  }

  /** Entries on their way in. */
  interface Import {
    /**
     * Takes the next piece of the file. Fails with a {@code Failure} that names the line and the
     * member that is wrong; the entries before it are stored. To be called again only when this has
     * succeeded.
     */
    Future<Void> take(Buffer piece);

    /** The file ends here: how many entries were stored, and how many were not, by reason. */
    Future<JsonObject> end();

    /** Ends it, also before its end. */
    void close();
  }

  /** Begins an export; throws a {@code Failure} if it cannot begin now. */
  Export export(EntryFilter filter);

  /** Begins an import of what the filter selects; likewise. */
  Import load(EntryFilter filter);

  /** Removes what the filter selects: how many entries that was, by tier. */
  Future<JsonObject> remove(EntryFilter filter);
}
