package dev.refrain.cache.disk;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/**
 * Makes one process the owner of a folder, for as long as it lives. The system releases the lock
 * also when the process is killed.
 */
public final class OwnerLock implements AutoCloseable {
  private final FileChannel channel;

  private OwnerLock(FileChannel channel) {
    this.channel = channel;
  }

  /** The folder has another owner. */
  public static final class InUse extends RuntimeException {
    private static final long serialVersionUID = 1L;

    InUse(Path folder, String owner) {
      super(folder + " is in use by another process" + owner);
    }
  }

  /**
   * Makes this process the owner of the folder, which is created if it is missing. Empty if the
   * folder cannot be written, and so has no owner.
   *
   * @throws InUse if there is another owner
   */
  public static Optional<OwnerLock> of(Path folder) {
    Path file = folder.resolve("lock");
    FileChannel channel;
    try {
      Files.createDirectories(folder);
      channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    } catch (IOException notWritable) {
      return Optional.empty();
    }
    try {
      return Optional.of(lock(folder, channel));
    } catch (IOException noLocks) {
      close(channel);
      return Optional.empty(); // a file system without locks has no owners
    } catch (InUse taken) {
      close(channel);
      throw taken;
    }
  }

  private static OwnerLock lock(Path folder, FileChannel channel) throws IOException {
    FileLock lock;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException ofThisProcess) {
      lock = null;
    }
    if (lock == null) {
      throw new InUse(folder, owner(channel));
    }
    channel.truncate(0);
    byte[] pid = (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII);
    channel.write(ByteBuffer.wrap(pid), 0);
    return new OwnerLock(channel);
  }

  private static String owner(FileChannel channel) throws IOException {
    ByteBuffer pid = ByteBuffer.allocate(20);
    channel.read(pid, 0);
    String text = new String(pid.array(), 0, pid.position(), StandardCharsets.US_ASCII).strip();
    return text.matches("\\d+") ? " (pid " + text + ")" : "";
  }

  private static void close(FileChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    close(channel);
  }
}
