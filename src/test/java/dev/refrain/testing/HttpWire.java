package dev.refrain.testing;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads HTTP/1.1 messages (RFC 9112) from one side of a connection. Blocks; one thread at a time.
 */
final class HttpWire {
  private final InputStream in;
  private final List<MessageHead.Field> trailers = new ArrayList<>();
  private long reads;

  HttpWire(InputStream in) {
    this.in = new BufferedInputStream(new Watched(in), 1 << 16);
  }

  /** How often there was something to read. */
  long reads() {
    return reads;
  }

  /** The next head; null when the other side has closed between messages. */
  MessageHead head() throws IOException {
    String start = line();
    if (start == null) {
      return null;
    }
    List<MessageHead.Field> fields = new ArrayList<>();
    for (String line = required(); !line.isEmpty(); line = required()) {
      fields.add(field(line));
    }
    return new MessageHead(start, List.copyOf(fields));
  }

  /**
   * The body that follows this head, its transfer coding undone. Fails with an {@link EOFException}
   * if it breaks off.
   *
   * @param untilClose whether a body without a length ends with the connection, as in responses
   */
  InputStream body(MessageHead head, boolean untilClose) {
    if (head.chunked()) {
      return new Chunks();
    }
    if (head.has("Content-Length")) {
      return new Counted(Long.parseLong(head.first("Content-Length").orElseThrow()));
    }
    return untilClose ? in : InputStream.nullInputStream();
  }

  /** What comes, whatever it is. */
  InputStream rest() {
    return in;
  }

  /** The trailers that ended the last body read in chunks. */
  List<MessageHead.Field> trailers() {
    return List.copyOf(trailers);
  }

  private static MessageHead.Field field(String line) {
    int colon = line.indexOf(':');
    return new MessageHead.Field(line.substring(0, colon), line.substring(colon + 1).strip());
  }

  private String required() throws IOException {
    String line = line();
    if (line == null) {
      throw new EOFException("inside a head or a chunk");
    }
    return line;
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        if (line.size() > 0) {
          throw new EOFException("inside a line");
        }
        return null;
      }
      line.write(b);
    }
    String text = line.toString(StandardCharsets.ISO_8859_1);
    return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
  }

  private final class Watched extends FilterInputStream {
    Watched(InputStream in) {
      super(in);
    }

    @Override
    public int read(byte[] into, int from, int most) throws IOException {
      int count = super.read(into, from, most);
      if (count > 0) {
        reads++;
      }
      return count;
    }
  }

  /** A body that knows how much is left of its current piece. */
  private abstract class Piecewise extends InputStream {
    long left;

    /** Whether bytes are left, after moving to the next piece if need be. */
    abstract boolean more() throws IOException;

    @Override
    public final int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public final int read(byte[] into, int from, int most) throws IOException {
      if (most == 0) {
        return 0;
      }
      if (!more()) {
        return -1;
      }
      int count = in.read(into, from, (int) Math.min(most, left));
      if (count < 0) {
        throw new EOFException("inside a body");
      }
      left -= count;
      return count;
    }
  }

  private final class Counted extends Piecewise {
    Counted(long length) {
      left = length;
    }

    @Override
    boolean more() {
      return left > 0;
    }
  }

  private final class Chunks extends Piecewise {
    private boolean first = true;
    private boolean over;

    @Override
    boolean more() throws IOException {
      if (left == 0 && !over) {
        next();
      }
      return !over;
    }

    private void next() throws IOException {
      if (!first) {
        required();
      }
      first = false;
      left = Long.parseLong(required().split(";")[0].strip(), 16);
      over = left == 0;
      if (over) {
        trailers.clear();
        for (String line = required(); !line.isEmpty(); line = required()) {
          trailers.add(field(line));
        }
      }
    }
  }
}
