package dev.refrain.loadtest.gatling;

import static io.gatling.javaapi.core.CoreDsl.global;

import io.gatling.javaapi.core.Simulation;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Callers who do not read slow nobody else. */
public final class SlowReadersSimulation extends Simulation {
  private static final int READERS = 50;

  private SlowReaders readers;

  {
    setUp(Streaming.load())
        .protocols(Size.protocol())
        .assertions(
            global().failedRequests().count().is(0L),
            global().responseTime().percentile(99).lt(Size.P99));
  }

  /** Before the load. */
  @Override
  public void before() {
    try {
      readers = SlowReaders.open(READERS);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** After it. */
  @Override
  public void after() {
    readers.close();
  }
}
