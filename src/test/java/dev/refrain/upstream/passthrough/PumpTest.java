package dev.refrain.upstream.passthrough;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import io.vertx.core.streams.WriteStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PumpTest {
  private final Source source = new Source();
  private final Sink sink = new Sink();
  private final List<String> told = new ArrayList<>();
  private final Pump pump = new Pump(source, sink, () -> told.add("progress"));

  @Test
  void everyReadIsOneWrite() {
    pump.start(v -> told.add("end"));

    source.bytes.handle(Buffer.buffer("ab"));
    source.bytes.handle(Buffer.buffer("c"));
    source.end.handle(null);

    assertThat(sink.written).containsExactly("ab", "c");
    assertThat(told).containsExactly("progress", "progress", "end");
    assertThat(pump.bytes()).isEqualTo(3);
  }

  @Test
  void aFullSinkHoldsTheSourceBackUntilItIsDrained() {
    pump.start(v -> {});
    sink.full = true;

    source.bytes.handle(Buffer.buffer("a"));
    assertThat(source.paused).isTrue();
    assertThat(pump.isHeld()).isTrue();

    sink.full = false;
    sink.drained.handle(null);
    assertThat(source.paused).isFalse();
    assertThat(pump.isHeld()).isFalse();
    assertThat(told).hasSize(2);
  }

  @Test
  void whatASourceLeftBehindIsDeliveredBeforeItIsFinished() {
    pump.start(v -> {});
    sink.full = true;
    source.bytes.handle(Buffer.buffer("a"));
    source.left.addAll(List.of("b", "c"));
    pump.finish(() -> told.add("finished"));
    assertThat(told).doesNotContain("finished");

    sink.drained.handle(null);
    assertThat(sink.written).containsExactly("a", "b");
    assertThat(told).doesNotContain("finished");
    sink.full = false;
    sink.drained.handle(null);

    assertThat(sink.written).containsExactly("a", "b", "c");
    assertThat(told).containsOnlyOnce("finished").endsWith("finished");
  }

  @Test
  void aSourceThatIsNotHeldIsFinishedAtOnce() {
    pump.start(v -> {});

    pump.finish(() -> told.add("finished"));

    assertThat(told).containsExactly("finished");
  }

  @Test
  void oneThatIsStoppedDropsWhatComes() {
    pump.start(v -> {});
    pump.stop();

    source.bytes.handle(Buffer.buffer("a"));

    assertThat(sink.written).isEmpty();
    assertThat(pump.bytes()).isZero();
  }

  /** Gives what it has left, as long as it is not paused. */
  private static final class Source implements ReadStream<Buffer> {
    final List<String> left = new ArrayList<>();
    Handler<Buffer> bytes;
    Handler<Void> end;
    boolean paused;

    @Override
    public ReadStream<Buffer> exceptionHandler(Handler<Throwable> handler) {
      return this;
    }

    @Override
    public ReadStream<Buffer> handler(Handler<Buffer> handler) {
      bytes = handler;
      return this;
    }

    @Override
    public ReadStream<Buffer> pause() {
      paused = true;
      return this;
    }

    @Override
    public ReadStream<Buffer> resume() {
      paused = false;
      while (!paused && !left.isEmpty()) {
        bytes.handle(Buffer.buffer(left.remove(0)));
      }
      return this;
    }

    @Override
    public ReadStream<Buffer> fetch(long amount) {
      return this;
    }

    @Override
    public ReadStream<Buffer> endHandler(Handler<Void> handler) {
      end = handler;
      return this;
    }
  }

  private static final class Sink implements WriteStream<Buffer> {
    final List<String> written = new ArrayList<>();
    Handler<Void> drained;
    boolean full;

    @Override
    public WriteStream<Buffer> exceptionHandler(Handler<Throwable> handler) {
      return this;
    }

    @Override
    public Future<Void> write(Buffer data) {
      written.add(data.toString());
      return Future.succeededFuture();
    }

    @Override
    public Future<Void> end() {
      return Future.succeededFuture();
    }

    @Override
    public WriteStream<Buffer> setWriteQueueMaxSize(int size) {
      return this;
    }

    @Override
    public boolean writeQueueFull() {
      return full;
    }

    @Override
    public WriteStream<Buffer> drainHandler(Handler<Void> handler) {
      drained = handler;
      return this;
    }
  }
}
