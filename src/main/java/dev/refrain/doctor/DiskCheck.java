package dev.refrain.doctor;

import dev.refrain.doctor.Doctor.Check;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Whether answers can be stored in a folder.
 *
 * @param folder cache.disk.path
 * @param size cache.disk.size, in bytes
 */
public record DiskCheck(Path folder, long size) implements Check {
  private static final long MIB = 1 << 20;

  @Override
  public String subject() {
    return "disk";
  }

  @Override
  public Future<List<Finding>> make() {
    return Future.succeededFuture(List.of(look()));
  }

  private Finding look() {
    if (Files.exists(folder) && !Files.isDirectory(folder)) {
      return Finding.fail(subject(), "cache.disk.path is not a folder: " + folder);
    }
    Path there = existing(folder.toAbsolutePath());
    if (!Files.isWritable(there)) {
      return Finding.fail(
          subject(), "cache.disk.path: " + there + " is not writable for this user");
    }
    try {
      return room(Files.getFileStore(there).getUsableSpace());
    } catch (IOException unknown) {
      return Finding.warn(subject(), "the free space at " + there + " is not known");
    }
  }

  private Finding room(long free) {
    long missing = size - stored() - free;
    return missing > 0
        ? Finding.warn(
            subject(),
            "cache.disk.size is %d MiB, and %d MiB are missing on its file system; lower it"
                .formatted(size / MIB, (missing + MIB - 1) / MIB))
        : Finding.ok(subject(), "writable, with room for " + size / MIB + " MiB");
  }

  private long stored() {
    try {
      return Files.size(folder.resolve("entries.db"));
    } catch (IOException none) {
      return 0;
    }
  }

  private static Path existing(Path folder) {
    return Files.exists(folder) || folder.getParent() == null
        ? folder
        : existing(folder.getParent());
  }
}
