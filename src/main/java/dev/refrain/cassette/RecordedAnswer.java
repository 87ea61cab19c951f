package dev.refrain.cassette;

import dev.refrain.inference.AnswerFields;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Frame;
import dev.refrain.inference.Head;
import dev.refrain.json.Utf8;
import dev.refrain.sse.EventSplitter;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * An answer as it came, byte for byte. The arrays are never modified.
 *
 * @param status an HTTP status code
 * @param headers names in lower case, in order; only those of {@link AnswerFields}
 * @param stream whether the pieces are events rather than one body
 * @param pieces the body in order: the events of a stream with their borders, or one piece
 * @param cut whether the connection broke off behind them
 * @param millis when the head and then each piece had come, in milliseconds after the request;
 *     empty if that is not known
 */
public record RecordedAnswer(
    int status,
    Map<String, List<String>> headers,
    boolean stream,
    List<byte[]> pieces,
    boolean cut,
    List<Long> millis) {

  /**
   * Where a body had come to.
   *
   * @param bytes of it, so far
   * @param millis after the request
   */
  public record Arrival(int bytes, long millis) {}

  /**
   * An answer.
   *
   * @param headers all that the upstream sent
   * @param arrivals of the head, with no bytes, and of each read
   */
  public static RecordedAnswer of(
      int status, MultiMap headers, byte[] body, boolean cut, List<Arrival> arrivals) {
    MultiMap kept = AnswerFields.of(status, headers);
    boolean stream =
        new Head(status, kept).isEventStream() && !isCoded(kept) && Utf8.firstInvalid(body) < 0;
    List<byte[]> pieces = stream ? events(body) : body.length == 0 ? List.of() : List.of(body);
    return new RecordedAnswer(status, sorted(kept), stream, pieces, cut, millis(pieces, arrivals));
  }

  private static boolean isCoded(MultiMap headers) {
    return headers.contains(HttpHeaders.CONTENT_ENCODING);
  }

  private static Map<String, List<String>> sorted(MultiMap headers) {
    Map<String, List<String>> sorted = new TreeMap<>();
    for (Map.Entry<String, String> header : headers) {
      sorted
          .computeIfAbsent(header.getKey().toLowerCase(Locale.ROOT), name -> new ArrayList<>(1))
          .add(header.getValue());
    }
    return sorted;
  }

  // Cut at the borders of events, because where the reads ended depends on the network.
  private static List<byte[]> events(byte[] body) {
    List<byte[]> events = new ArrayList<>();
    EventSplitter splitter = new EventSplitter(Integer.MAX_VALUE);
    splitter.feed(Buffer.buffer(body));
    int at = 0;
    try {
      for (Frame frame = splitter.next(); frame != null; frame = splitter.next()) {
        byte[] event = frame.event();
        if (!Arrays.equals(
            body, at, Math.min(at + event.length, body.length), event, 0, event.length)) {
          return List.of(body); // a byte order mark, or line ends of more than one kind
        }
        events.add(event);
        at += event.length;
      }
    } catch (Failure broken) {
      return List.of(body);
    }
    if (at < body.length) {
      events.add(Arrays.copyOfRange(body, at, body.length));
    }
    return events;
  }

  private static List<Long> millis(List<byte[]> pieces, List<Arrival> arrivals) {
    if (arrivals.isEmpty()) {
      return List.of();
    }
    List<Long> millis = new ArrayList<>(pieces.size() + 1);
    millis.add(arrivals.get(0).millis());
    int read = 0;
    int end = 0;
    for (byte[] piece : pieces) {
      end += piece.length;
      while (read < arrivals.size() - 1 && arrivals.get(read).bytes() < end) {
        read++;
      }
      millis.add(arrivals.get(read).millis());
    }
    return millis;
  }

  /** The same, with times. */
  RecordedAnswer with(List<Long> others) {
    return new RecordedAnswer(status, headers, stream, pieces, cut, others);
  }

  /** The whole body. */
  public byte[] body() {
    if (pieces.size() == 1) {
      return pieces.get(0);
    }
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    pieces.forEach(piece -> all.write(piece, 0, piece.length));
    return all.toByteArray();
  }
}
