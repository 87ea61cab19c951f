package dev.refrain.openai;

import com.fasterxml.jackson.core.JsonParseException;
import dev.refrain.inference.Part;
import dev.refrain.json.Rope;
import dev.refrain.json.Slice;
import dev.refrain.json.Slice.Span;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The documents of a request's parts as one: the first, with the choices of all and the usage of
 * all in the places of its own. Each choice is copied as it was written, but for its index.
 *
 * <p>Choices are not copied unless they are small: the document refers to the answers it is made
 * of. So a document of many copies of an answer is never there as a whole; its pieces are made as
 * they are written.
 */
public final class WholeMerge {
  // for an index that was shorter, or not there
  private static final int ROOM = "\"index\":2147483647,,".length();
  private static final byte[] NOTHING = {};

  /** A part's answer and its choices, in the order of their indexes. */
  private record Read(Part part, Buffer body, List<Choice> choices) {
    void appendChoice(int number, int copy, Rope out) {
      Choice choice = choices.get(number);
      Span place = choice.place();
      out.append(body, choice.from(), place.from())
          .append(choice.index(part.index(number, copy)))
          .append(body, place.to(), choice.to());
    }
  }

  private final AnswerShape shape;
  private final List<Read> parts;
  private final UsageSum sum = new UsageSum();
  private AnswerLayout first;
  private Span usage;
  private byte[] cost = NOTHING;

  private WholeMerge(AnswerShape shape, int parts) {
    this.shape = shape;
    this.parts = new ArrayList<>(parts);
  }

  /** The merged document; empty if one of them is not the answer of its part. */
  public static Optional<Buffer> of(AnswerShape shape, List<Part.Answer> answers) {
    WholeMerge merge = new WholeMerge(shape, answers.size());
    try {
      for (Part.Answer answer : answers) {
        merge.read(answer.part(), answer.body());
      }
      return merge.write();
    } catch (IOException noAnswer) {
      return Optional.empty();
    }
  }

  private void read(Part part, Buffer body) throws IOException {
    Slice document = Slice.of(body);
    AnswerLayout layout = AnswerLayout.of(shape, document.bytes(), document.from(), document.to());
    if (layout.error()) {
      throw new JsonParseException(null, "an error");
    }
    first = first == null ? layout : first;
    parts.add(new Read(part, body, inOrder(layout.choices(), part.request().elements())));
    Span usage = layout.usage();
    sum.add(part, usage == null ? null : new Slice(document.bytes(), usage.from(), usage.to()));
  }

  private static List<Choice> inOrder(List<Choice> choices, int elements) throws IOException {
    if (choices.size() != elements) {
      throw new JsonParseException(null, "not as many choices as expected");
    }
    if (elements == 1) {
      return choices;
    }
    Choice[] ordered = new Choice[elements];
    for (Choice choice : choices) {
      int number = choice.number();
      if (number < 0 || number >= elements || ordered[number] != null) {
        throw new JsonParseException(null, "not the choices expected");
      }
      ordered[number] = choice;
    }
    return Arrays.asList(ordered);
  }

  private Optional<Buffer> write() {
    Optional<byte[]> json = sum.json();
    usage = json.isPresent() ? first.usage() : first.usageCut();
    cost = json.orElse(NOTHING);
    long size = size();
    return size > Integer.MAX_VALUE ? Optional.empty() : Optional.of(writeAll());
  }

  /** The bytes to write, or a few more. */
  private long size() {
    long size = parts.get(0).body.length() + cost.length;
    for (Read read : parts) {
      for (Choice choice : read.choices) {
        size += (long) read.part.copies() * (choice.to() - choice.from() + ROOM);
      }
    }
    return size;
  }

  private Buffer writeAll() {
    Rope out = new Rope();
    List<Choice> own = first.choices();
    appendDocument(0, own.get(0).from(), out);
    boolean another = false;
    for (Read read : parts) {
      for (int i = 0; i < read.part.copies() * read.choices.size(); i++) {
        if (another) {
          out.append(',');
        }
        another = true;
        read.appendChoice(i % read.choices.size(), i / read.choices.size(), out);
      }
    }
    appendDocument(own.get(own.size() - 1).to(), parts.get(0).body.length(), out);
    return out.toBuffer();
  }

  /** Appends {@code [from, to)} of the first document, with the usage of all. */
  private void appendDocument(int from, int to, Rope out) {
    Buffer document = parts.get(0).body;
    boolean withUsage = usage != null && from <= usage.from() && usage.to() <= to;
    int end = withUsage ? usage.from() : to;
    out.append(document, from, end);
    if (withUsage) {
      out.append(cost).append(document, usage.to(), to);
    }
  }
}
