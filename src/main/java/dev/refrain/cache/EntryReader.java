package dev.refrain.cache;

import dev.refrain.inference.Entry;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Reads a file of {@link EntryLine}s from pieces of it, as they come. Holds at most one line, and
 * no line beyond the longest that an entry can have. One thread at a time.
 *
 * <p>Throws {@link IllegalArgumentException} that names the line and the member, and repeats no
 * value. What stands before that line was given out.
 */
public final class EntryReader {
  /** Room that is kept for the next line. */
  private static final int ROOM = 64 * 1024;

  private final int longest;
  private final Line begun = new Line();
  private int number;

  /** The bytes of a line that has begun. */
  private static final class Line extends ByteArrayOutputStream {
    String text() throws CharacterCodingException {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(buf, 0, count)).toString();
    }

    void clear() {
      count = 0;
      if (buf.length > ROOM) {
        buf = new byte[ROOM];
      }
    }
  }

  /** A reader of a file whose bodies have at most so many bytes. */
  public EntryReader(int maxEntry) {
    longest = EntryLine.longest(maxEntry);
  }

  /** Takes the next piece, and gives out the entries that end in it. */
  public void read(byte[] piece, int length, Consumer<Entry> into) {
    int from = 0;
    for (int at = 0; at < length; at++) {
      if (piece[at] == '\n') {
        begin(piece, from, at);
        line(into);
        from = at + 1;
      }
    }
    begin(piece, from, length);
  }

  private void begin(byte[] piece, int from, int to) {
    if (begun.size() + to - from > longest) {
      throw malformed(number + 1, "longer than " + longest + " bytes (cache.maxEntry)");
    }
    begun.write(piece, from, to - from);
  }

  /** The file ends here; its last line may lack its line break. */
  public void end(Consumer<Entry> into) {
    if (number == 0 || begun.size() > 0) {
      line(into);
    }
  }

  private void line(Consumer<Entry> into) {
    number++;
    try {
      String line = begun.text();
      begun.clear();
      if (number == 1) {
        EntryLine.checkHeader(line);
      } else if (!line.isBlank()) {
        into.accept(EntryLine.read(line));
      }
    } catch (CharacterCodingException binary) {
      throw malformed(number, "not UTF-8");
    } catch (IllegalArgumentException wrong) {
      throw malformed(number, wrong.getMessage());
    }
  }

  private static IllegalArgumentException malformed(int line, String why) {
    return new IllegalArgumentException("line " + line + ": " + why);
  }

  /** Bytes that are held of a line that has begun. */
  public int held() {
    return begun.size();
  }
}
