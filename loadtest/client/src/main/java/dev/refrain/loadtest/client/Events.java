package dev.refrain.loadtest.client;

import io.vertx.core.buffer.Buffer;

/** Counts the events of a stream by the blank lines that end them, wherever it is cut. */
final class Events {
  private byte last;

  /** The events that end in these bytes. */
  int in(Buffer bytes) {
    int events = 0;
    for (int at = 0; at < bytes.length(); at++) {
      byte now = bytes.getByte(at);
      if (now == '\n' && last == '\n') {
        events++;
        last = 0;
      } else {
        last = now;
      }
    }
    return events;
  }
}
