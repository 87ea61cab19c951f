package dev.refrain.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DeadlinesTest {
  private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);

  private final Vertx vertx = Vertx.vertx();
  private final Deadlines deadlines = new Deadlines(vertx, 20);
  private final CompletableFuture<List<String>> seen = new CompletableFuture<>();
  private final List<String> late = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    vertx.close().await(20, TimeUnit.SECONDS);
  }

  @Test
  void whoIsLateIsToldAndWhoIsNotIsLeftAlone() throws Exception {
    onLoop(
        () -> {
          deadlines.add(call("early", MINUTE, () -> {}));
          deadlines.add(call("late", 0, this::done));
        });
    assertThat(seen.get(20, TimeUnit.SECONDS)).containsExactly("late");
  }

  @Test
  void whoIsEndedByAnotherInTheSameTickIsNotTold() throws Exception {
    onLoop(
        () -> {
          Call second = call("second", 0, () -> {});
          deadlines.add(call("first", 0, () -> deadlines.remove(second)));
          deadlines.add(second);
          deadlines.add(call("third", 0, this::done));
        });
    assertThat(seen.get(20, TimeUnit.SECONDS)).containsExactly("first", "third");
  }

  @Test
  void aWatchThatRanDryRunsAgain() throws Exception {
    onLoop(
        () -> {
          deadlines.add(call("first", 0, () -> vertx.setTimer(100, id -> again())));
        });
    assertThat(seen.get(20, TimeUnit.SECONDS)).containsExactly("first", "again");
  }

  private void again() {
    deadlines.add(call("again", 0, this::done));
  }

  private void done() {
    seen.complete(List.copyOf(late));
  }

  private void onLoop(Runnable what) {
    vertx.runOnContext(v -> what.run());
  }

  private Call call(String name, long in, Runnable then) {
    return new Call(name, System.nanoTime() + in, then);
  }

  private final class Call implements Deadlines.Timed {
    private final String name;
    private final long due;
    private final Runnable then;

    Call(String name, long due, Runnable then) {
      this.name = name;
      this.due = due;
      this.then = then;
    }

    @Override
    public long due() {
      return due;
    }

    @Override
    public void overdue() {
      late.add(name);
      deadlines.remove(this);
      then.run();
    }
  }
}
