package dev.refrain.openai;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Frame;
import dev.refrain.inference.Language;
import dev.refrain.inference.Part;
import dev.refrain.json.Edits;
import dev.refrain.json.Slice;
import dev.refrain.json.Slice.Span;
import dev.refrain.sse.EventLines;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * The streams of a request's parts as one, frame by frame. A frame is given the id of the first and
 * its choices the indexes they have in the whole; the usage of its part is taken out of it, for the
 * whole costs something else. Usage in every chunk stays, for those who ask for it: vLLM and SGLang
 * count in it the prompt and the tokens of that choice so far, with several choices, too. Every
 * other byte stays. Lives on one event loop.
 *
 * <p>Holds of each part the last frame with its usage, and nothing if usage was not requested.
 */
public final class StreamMerge implements Language.Merger {
  private static final byte[] NO_CHOICES = "[]".getBytes(US_ASCII);

  /** The frame in which a part last reported its usage. {@code usage} is null until then. */
  private record Report(Part part, Frame frame, Span usage) {}

  private final AnswerShape shape;
  private final boolean asked;
  private final boolean continuous;
  private final Map<Integer, Report> reports = new TreeMap<>();
  private byte[] id;

  /**
   * A merge that has begun nothing.
   *
   * @param asked whether the usage of all is to follow the choices
   * @param continuous whether each chunk of choices is to keep its own usage
   */
  public StreamMerge(AnswerShape shape, boolean asked, boolean continuous) {
    this.shape = shape;
    this.asked = asked;
    this.continuous = continuous;
  }

  @Override
  public Iterator<Frame> frames(Part part, Frame frame) {
    if (frame.isComment() || !Slice.of(frame).isObject()) {
      return List.of(frame).iterator(); // "ping", null: contains no choice
    }
    AnswerLayout chunk = read(part, frame);
    report(part, frame, chunk);
    Edits edits = new Edits();
    editId(chunk, frame, edits);
    boolean hasChoices = !chunk.choices().isEmpty();
    if (!hasChoices && chunk.usage() != null) {
      return Collections.emptyIterator();
    }
    if (chunk.usageCut() != null && !(continuous && hasChoices)) {
      edits.cut(chunk.usageCut());
    }
    if (!hasChoices) {
      return List.of(EventLines.edited(frame, edits)).iterator();
    }
    if (part.copies() == 1) {
      return List.of(numbered(frame, edits, part, 0, chunk.choices())).iterator();
    }
    return IntStream.range(0, part.copies())
        .mapToObj(copy -> numbered(frame, new Edits(edits), part, copy, chunk.choices()))
        .iterator();
  }

  @Override
  public Optional<Frame> usage() {
    UsageSum sum = new UsageSum();
    int next = 0;
    for (Report report : reports.values()) {
      if (report.part.first() != next || report.usage == null) {
        return Optional.empty();
      }
      next = report.part.index(0, report.part.copies());
      Span usage = report.usage;
      sum.add(report.part, new Slice(report.frame.data(), usage.from(), usage.to()));
    }
    return next == 0 ? Optional.empty() : sum.json().map(json -> usage(reports.get(0), json));
  }

  private Frame usage(Report first, byte[] json) {
    Frame frame = first.frame;
    AnswerLayout chunk = read(first.part, frame);
    Edits edits = new Edits();
    editId(chunk, frame, edits);
    if (!chunk.choices().isEmpty()) {
      edits.replace(frame.data(), chunk.array(), NO_CHOICES);
    }
    edits.replace(frame.data(), chunk.usage(), json);
    return EventLines.edited(frame, edits);
  }

  private AnswerLayout read(Part part, Frame frame) {
    AnswerLayout chunk = layout(frame);
    if (chunk.error()) {
      throw Failure.reported(frame);
    }
    if (!isOf(part, chunk.choices())) {
      throw Failure.of(Failure.Kind.UPSTREAM_BROKEN, "a chunk of a choice that was not requested");
    }
    return chunk;
  }

  private AnswerLayout layout(Frame frame) {
    try {
      return AnswerLayout.of(shape, frame.data(), frame.from(), frame.to());
    } catch (IOException notJson) {
      throw Failure.of(Failure.Kind.UPSTREAM_BROKEN, "an event that is not a chunk of an answer");
    }
  }

  /** Whether a part has these choices. A single one may be called anything, but not two things. */
  private static boolean isOf(Part part, List<Choice> choices) {
    int elements = part.request().elements();
    if (elements == 1 && choices.size() <= 1) {
      return true;
    }
    int only = elements == 1 ? choices.get(0).number() : -1;
    for (Choice choice : choices) {
      int number = choice.number();
      if (number < 0 || (elements == 1 ? number != only : number >= elements)) {
        return false;
      }
    }
    return true;
  }

  private void report(Part part, Frame frame, AnswerLayout chunk) {
    if (!asked) {
      return;
    }
    Span usage = chunk.usage();
    if (usage != null && isReported(frame, usage)) {
      reports.put(part.first(), new Report(part, frame, usage));
    } else if (!reports.containsKey(part.first())) {
      reports.put(part.first(), new Report(part, frame, null));
    }
  }

  private static boolean isReported(Frame frame, Span usage) {
    return UsageSum.isReported(new Slice(frame.data(), usage.from(), usage.to()));
  }

  private void editId(AnswerLayout chunk, Frame frame, Edits edits) {
    Span own = chunk.id();
    if (own == null) {
      return;
    }
    if (id == null) {
      id = Arrays.copyOfRange(frame.data(), own.from(), own.to());
    }
    edits.replace(frame.data(), own, id);
  }

  /** The frame of a copy, with its indexes. */
  private static Frame numbered(
      Frame frame, Edits edits, Part part, int copy, List<Choice> choices) {
    boolean single = part.request().elements() == 1;
    for (Choice choice : choices) {
      int number = single ? 0 : choice.number();
      edits.replace(frame.data(), choice.place(), choice.index(part.index(number, copy)));
    }
    return EventLines.edited(frame, edits);
  }
}
