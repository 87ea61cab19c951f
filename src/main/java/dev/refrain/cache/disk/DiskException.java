package dev.refrain.cache.disk;

import dev.refrain.inference.Observer.DiskFault;

/** The disk did not do what it was asked. Holds nothing of what was to be read or written. */
final class DiskException extends Exception {
  private static final long serialVersionUID = 1L;

  private final DiskFault fault;

  DiskException(DiskFault fault, String message) {
    super(message);
    this.fault = fault;
  }

  DiskFault fault() {
    return fault;
  }
}
