package dev.refrain.recording;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.inference.Cancellation;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Frame;
import dev.refrain.inference.Frames;
import dev.refrain.recording.Recording.FrameFilter;
import dev.refrain.testing.FakeFrames;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.assertj.core.api.AbstractBooleanAssert;
import org.assertj.core.api.AbstractLongAssert;

/** One recording with readers of random moods, and the simplest account of what must come of it. */
final class RandomReaders {
  private static final int WEIGHT = 64;
  private static final int MOST_READERS = 12;

  private final long seed;
  private final Random random;
  private final int bound;
  private final FakeFrames source = new FakeFrames();
  private final Recordings recordings = new Recordings();
  private final Recording recording;
  private final List<Frame> offered = new ArrayList<>();
  private final List<RandomReader> randomReaders = new ArrayList<>();

  private boolean ended;
  private boolean cancelled;
  private Failure failure;

  RandomReaders(long seed) {
    this.seed = seed;
    this.random = new Random(seed);
    this.bound = 1 + random.nextInt(3_000);
    this.recording = new Recording(source, bound, FrameFilter.FULL, recordings);
  }

  void run() {
    int steps = 20 + random.nextInt(120);
    for (int i = 0; i < steps; i++) {
      step();
      check();
    }
    while (!randomReaders.stream().allMatch(RandomReader::isContent)) {
      randomReaders.forEach(RandomReader::hurry);
      check();
    }
    boolean goesOn = source.isRead() && !isOver() && !cancelled;
    expect(recordings.count()).as(story("recordings going on")).isEqualTo(goesOn ? 1 : 0);
    expect(goesOn || recordings.bytes() == 0).as(story("bytes of what is over")).isTrue();
  }

  private void step() {
    switch (random.nextInt(12)) {
      case 0, 1 -> come();
      case 2 -> somebody().ifPresent(RandomReader::pause);
      case 3, 4 -> somebody().ifPresent(RandomReader::resume);
      case 5 -> somebody().ifPresent(RandomReader::read);
      case 6 -> seldom(4, () -> somebody().ifPresent(RandomReader::leave));
      case 7 -> seldom(10, this::end);
      case 8 -> seldom(30, this::cancel);
      default -> offer();
    }
  }

  private void seldom(int oneIn, Runnable action) {
    if (random.nextInt(oneIn) == 0) {
      action.run();
    }
  }

  private Optional<RandomReader> somebody() {
    return randomReaders.isEmpty()
        ? Optional.empty()
        : Optional.of(randomReaders.get(random.nextInt(randomReaders.size())));
  }

  private void come() {
    if (randomReaders.size() == MOST_READERS) {
      return;
    }
    FrameFilter frameFilter = random.nextBoolean() ? RandomReaders::visible : FrameFilter.FULL;
    Cancellation cancellation = new Cancellation();
    if (random.nextInt(4) == 0 && !isClosed()) {
      Cursor cursor = recording.unopened(frameFilter, cancellation);
      randomReaders.add(new RandomReader(cursor, false, frameFilter, cancellation));
      return;
    }
    seldom(8, cancellation::cancel);
    Optional<?> place = recording.open(frameFilter, cancellation);
    expect(place.isPresent()).as(story("open to new readers")).isEqualTo(!isClosed());
    place.ifPresent(
        one -> randomReaders.add(new RandomReader((Cursor) one, true, frameFilter, cancellation)));
  }

  private void offer() {
    if (ended) {
      return;
    }
    String text = "x".repeat(random.nextInt(200)) + offered.size();
    Frame frame =
        switch (random.nextInt(5)) {
          case 0 -> FakeFrames.comment(text);
          case 1 -> FakeFrames.data("hidden" + text);
          default -> FakeFrames.data(text);
        };
    offered.add(frame);
    source.offer(frame);
  }

  private static Optional<Frame> visible(Frame frame) {
    return frame.text().startsWith("hidden") ? Optional.empty() : Optional.of(frame);
  }

  private void end() {
    if (ended) {
      return;
    }
    ended = true;
    if (random.nextBoolean()) {
      source.end();
    } else {
      failure = Failure.of(Failure.Kind.UPSTREAM_BROKEN, "it broke off");
      source.fail(failure);
    }
  }

  private void cancel() {
    if (!isOver()) {
      cancelled = true;
    }
    recording.cancelled();
  }

  // What has come out of the source, and so into the recording.

  private int arrived() {
    int waiting = source.waiting();
    return offered.size() - (ended && waiting > 0 ? waiting - 1 : waiting);
  }

  private boolean isOver() {
    return ended && source.waiting() == 0;
  }

  private boolean isTooLong() {
    return weight(0, arrived()) > bound;
  }

  private boolean isClosed() {
    return cancelled || isTooLong() || isOver() && failure != null;
  }

  private long weight(int from, int to) {
    return offered.subList(from, to).stream().mapToLong(frame -> frame.length() + WEIGHT).sum();
  }

  private void check() {
    randomReaders.forEach(RandomReader::check);
    checkMemory();
    checkRecorded();
  }

  private void checkMemory() {
    long slowest =
        randomReaders.stream()
            .filter(RandomReader::counts)
            .mapToLong(v -> v.cursor.position())
            .min()
            .orElse(-1);
    int needed = slowest < 0 ? arrived() : (int) slowest;
    long remembered = weight(needed, arrived());
    if (!isClosed()) {
      expect(source.isPaused()).as(story("held back within the bound")).isFalse();
    } else if (!isOver() && source.isRead()) {
      expect(remembered).as(story("bytes remembered")).isLessThan(bound + 400L);
      if (remembered <= bound / 2) {
        expect(source.isPaused()).as(story("held back for nobody")).isFalse();
      } else if (remembered > bound) {
        expect(source.isPaused()).as(story("held back for the slowest")).isTrue();
      }
    }
  }

  private void checkRecorded() {
    expect(recording.recorded().isComplete())
        .as(story("a recording is decided"))
        .isEqualTo(isClosed() || isOver());
    expect(recording.recorded().succeeded())
        .as(story("a recording is kept"))
        .isEqualTo(isOver() && !isClosed());
    if (recording.recorded().succeeded()) {
      StringBuilder all = new StringBuilder();
      offered.stream()
          .filter(frame -> !frame.isComment())
          .forEach(frame -> all.append(new String(frame.event())));
      assertThat(recording.recorded().result()).as(story("kept")).hasToString(all.toString());
    }
  }

  private static AbstractBooleanAssert<?> expect(boolean actual) {
    return assertThat(actual);
  }

  private static AbstractLongAssert<?> expect(long actual) {
    return assertThat(actual);
  }

  private String story(String what) {
    return what + " (seed " + seed + ")";
  }

  /** A reader with moods, who notes whether it was told something it should not be told. */
  private final class RandomReader implements Frames.Reader {
    private final Cursor cursor;
    private final boolean opened;
    private final FrameFilter frameFilter;
    private final Cancellation cancellation;
    private final boolean moody = random.nextBoolean();
    private final List<Frame> got = new ArrayList<>();
    // What it may have got, of so many that arrived, and how much of it was compared.
    private final List<Frame> all = new ArrayList<>();
    private int filtered;
    private int compared;
    private boolean reads;
    private boolean paused;
    private boolean left;
    private int endings;
    private Failure told;

    RandomReader(
        Cursor cursor, boolean opened, FrameFilter frameFilter, Cancellation cancellation) {
      this.cursor = cursor;
      this.opened = opened;
      this.frameFilter = frameFilter;
      this.cancellation = cancellation;
      this.left = cancellation.isCancelled();
    }

    void read() {
      if (!opened && isClosed()) {
        leave(); // who was not counted has no claim to a beginning that may be forgotten
      } else if (!reads) {
        reads = true;
        cursor.read(this);
      }
    }

    void pause() {
      paused = true;
      cursor.pause();
    }

    void resume() {
      paused = false;
      cursor.resume();
    }

    void leave() {
      left = true;
      cancellation.cancel();
    }

    /** Whether the recording keeps frames for it. */
    boolean counts() {
      return !cursor.hasLeft() && (reads || opened);
    }

    @Override
    public void frame(Frame frame) {
      hears();
      got.add(frame);
      if (moody) {
        switch (random.nextInt(12)) {
          case 0, 1 -> pause();
          case 2 -> {
            pause();
            resume();
          }
          case 3 -> seldom(4, this::leave);
          case 4 -> somebody().ifPresent(RandomReader::pause);
          case 5 -> somebody().ifPresent(RandomReader::resume);
          case 6 -> seldom(4, () -> somebody().ifPresent(RandomReader::leave));
          case 7 -> somebody().ifPresent(RandomReader::read);
          default -> {}
        }
      }
    }

    @Override
    public void end() {
      hears();
      endings++;
    }

    @Override
    public void fail(Failure why) {
      hears();
      endings++;
      told = why;
    }

    private void hears() {
      expect(reads && !paused && !left && endings == 0).as(story("is told something")).isTrue();
    }

    void check() {
      while (filtered < arrived()) {
        frameFilter.of(offered.get(filtered++)).ifPresent(all::add);
      }
      assertThat(got.size()).as(story("frames of a reader")).isBetween(compared, all.size());
      for (; compared < got.size(); compared++) {
        assertThat(got.get(compared)).as(story("a frame of a reader")).isEqualTo(all.get(compared));
      }
      if (reads && !paused && !left) {
        assertThat(got).as(story("frames of a reader who waits")).hasSameSizeAs(all);
        expect(endings).as(story("endings")).isEqualTo(isOver() ? 1 : 0);
      }
      if (endings > 0) {
        assertThat(got).as(story("frames before the end")).hasSameSizeAs(all);
        assertThat(told).as(story("its ending")).isSameAs(failure);
      }
    }

    boolean isContent() {
      return left || reads && !paused && (!ended || endings == 1);
    }

    void hurry() {
      read();
      resume();
    }
  }
}
