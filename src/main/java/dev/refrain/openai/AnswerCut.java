package dev.refrain.openai;

import dev.refrain.inference.Content;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.Language.Cut;
import dev.refrain.inference.Tokens;
import dev.refrain.json.JsonCursor;
import dev.refrain.json.Slice;
import dev.refrain.json.Slice.Span;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Cuts the answer to several parts into one document for each: the elements of the part, counted
 * from 0, among everything else that the answer says, with the part's share of the usage. The
 * inverse of {@link WholeMerge}, and a pure function.
 */
public final class AnswerCut {
  // The bytes around the elements are repeated for each part, up to this size together.
  private static final int MOST_SURROUNDING = 8 << 20;

  private final Buffer body;
  private final byte[] bytes;
  private final List<InferenceRequest> parts;
  private final AnswerLayout layout;
  private final Choice[] ordered;

  private AnswerCut(AnswerShape shape, Buffer body, List<InferenceRequest> parts)
      throws IOException {
    this.body = body;
    this.parts = parts;
    Slice document = Slice.of(body);
    this.bytes = document.bytes();
    this.layout = AnswerLayout.of(shape, document.bytes(), document.from(), document.to());
    this.ordered = new Choice[parts.stream().mapToInt(InferenceRequest::elements).sum()];
  }

  /** The documents; empty if the answer does not hold just the elements of these parts. */
  public static Optional<Cut> of(AnswerShape shape, Buffer body, List<InferenceRequest> parts) {
    try {
      AnswerCut cut = new AnswerCut(shape, body, parts);
      return cut.isComplete() ? Optional.of(cut.cut()) : Optional.empty();
    } catch (IOException noAnswer) {
      return Optional.empty();
    }
  }

  private boolean isComplete() {
    Span array = layout.array();
    if (layout.error() || array == null || layout.choices().size() != ordered.length) {
      return false;
    }
    long surrounding = body.length() - (array.to() - array.from());
    return surrounding * parts.size() <= MOST_SURROUNDING && order();
  }

  private boolean order() {
    for (Choice choice : layout.choices()) {
      int number = choice.number();
      if (number < 0 || number >= ordered.length || ordered[number] != null) {
        return false;
      }
      ordered[number] = choice;
    }
    return true;
  }

  private Cut cut() throws IOException {
    List<Buffer> shares = shares();
    List<Buffer> documents = new ArrayList<>(parts.size());
    int first = 0;
    for (int part = 0; part < parts.size(); part++) {
      int elements = parts.get(part).elements();
      documents.add(document(first, elements, shares.isEmpty() ? null : shares.get(part)));
      first += elements;
    }
    return new Cut(documents, isExact());
  }

  private List<Buffer> shares() throws IOException {
    Span usage = layout.usage();
    if (usage == null) {
      return List.of();
    }
    long[] input = parts.stream().mapToLong(part -> part.content().input().size()).toArray();
    Slice whole = new Slice(bytes, usage.from(), usage.to());
    return whole.isObject() ? UsageShares.of(whole, input, output()) : List.of();
  }

  private long[] output() {
    long[] output = new long[parts.size()];
    int element = 0;
    for (int part = 0; part < output.length; part++) {
      for (int i = 0; i < parts.get(part).elements(); i++, element++) {
        output[part] += ordered[element].to() - ordered[element].from();
      }
    }
    return output;
  }

  /** Whether every share is what its part cost: tokens went in, were counted, and none came out. */
  private boolean isExact() throws IOException {
    Span usage = layout.usage();
    if (usage == null || bytes[usage.from()] != '{') {
      return true; // nothing was divided
    }
    Tokens tokens = AnswerScan.usage(new JsonCursor(bytes, usage.from(), usage.to()));
    long sum =
        parts.stream().map(part -> part.content().input()).mapToLong(Content.Input::size).sum();
    return parts.stream().allMatch(part -> part.content().input().isTokens())
        && tokens.completion() == 0
        && tokens.prompt() == sum;
  }

  private Buffer document(int first, int elements, Buffer share) {
    Span array = layout.array();
    Buffer out = Buffer.buffer(length(first, elements, share));
    append(0, array.from(), share, out);
    out.appendByte((byte) '[');
    for (int i = 0; i < elements; i++) {
      if (i > 0) {
        out.appendByte((byte) ',');
      }
      append(ordered[first + i], i, out);
    }
    out.appendByte((byte) ']');
    append(array.to(), body.length(), share, out);
    return out;
  }

  /** The bytes of a document, or a few more: what is stored must not keep room that it wastes. */
  private int length(int first, int elements, Buffer share) {
    Span array = layout.array();
    int length = body.length() - (array.to() - array.from()) + elements + 1;
    length += share == null ? 0 : share.length() - (layout.usage().to() - layout.usage().from());
    for (int i = first; i < first + elements; i++) {
      length += ordered[i].to() - ordered[i].from();
    }
    return length;
  }

  private void append(Choice choice, int index, Buffer out) {
    Span place = choice.place();
    out.appendBuffer(body, choice.from(), place.from() - choice.from())
        .appendBytes(choice.index(index))
        .appendBuffer(body, place.to(), choice.to() - place.to());
  }

  /** Appends {@code [from, to)} of the answer, with the share in the place of its usage. */
  private void append(int from, int to, Buffer share, Buffer out) {
    Span usage = layout.usage();
    boolean inside = share != null && from <= usage.from() && usage.to() <= to;
    out.appendBuffer(body, from, (inside ? usage.from() : to) - from);
    if (inside) {
      out.appendBuffer(share).appendBuffer(body, usage.to(), to - usage.to());
    }
  }
}
