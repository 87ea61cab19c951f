package dev.refrain.cassette;

import dev.refrain.cassette.LineReader.Malformed;
import dev.refrain.json.Slice;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Files of recorded exchanges: {@code FILE} with one exchange a line, in the order of requests and
 * samples, and {@code FILE.times} with the times at which their answers came. Blocks.
 *
 * <p>Source: docs/internals/decisions/0080.
 */
public final class CassetteFiles {
  private static final Comparator<Exchange> ORDER =
      Comparator.comparing(Exchange::request).thenComparing(Exchange::sample);
  private static final int LONGEST_LINE = 128 << 20;
  private static final int DIGEST = 16;

  private final RequestForms forms;
  private final long largest;
  private final int longestLine;

  /**
   * Files that are read with these forms.
   *
   * @param largest bytes that a file may have
   */
  public CassetteFiles(RequestForms forms, long largest) {
    this(forms, largest, LONGEST_LINE);
  }

  CassetteFiles(RequestForms forms, long largest, int longestLine) {
    this.forms = forms;
    this.largest = largest;
    this.longestLine = longestLine;
  }

  /** The file of times beside a cassette. */
  public static Path times(Path file) {
    return file.resolveSibling(file.getFileName() + ".times");
  }

  /**
   * Reads a cassette.
   *
   * @param times whether the times beside it are read, where there are any
   * @throws CassetteError if it cannot be read
   */
  public List<Exchange> read(Path file, boolean times) {
    List<Exchange> exchanges = new ArrayList<>();
    Map<String, Integer> seen = new HashMap<>();
    lines(
        file,
        LineWriter.HEADER,
        (line, number) -> {
          Exchange exchange = LineReader.read(line, number, forms);
          Integer before = seen.put(key(exchange), number);
          if (before != null) {
            throw new Malformed("the same request and sample as in line " + before);
          }
          exchanges.add(exchange);
        });
    exchanges.sort(ORDER);
    return times && Files.exists(times(file)) ? timed(file, exchanges) : exchanges;
  }

  private List<Exchange> timed(Path file, List<Exchange> exchanges) {
    Map<String, List<Long>> times = new HashMap<>();
    lines(
        times(file),
        LineWriter.TIMES_HEADER,
        (line, number) -> {
          Map<String, Slice> members =
              LineReader.members(
                  new Slice(line, 0, line.length), "", Set.of("request", "sample", "millis"));
          String request = LineReader.text(LineReader.need(members, "request"), "request");
          String sample = LineReader.need(members, "sample").text();
          List<Long> millis = new ArrayList<>();
          for (Slice each : LineReader.array(LineReader.need(members, "millis"), "millis")) {
            millis.add(LineReader.number(each, "millis", 0, Integer.MAX_VALUE));
          }
          times.put(request + " " + sample, List.copyOf(millis));
        });
    return exchanges.stream()
        .map(
            each -> {
              List<Long> millis = times.getOrDefault(key(each), List.of());
              boolean fits = millis.size() == each.answer().pieces().size() + 1;
              return fits
                  ? new Exchange(
                      each.request(), each.sample(), each.answer().with(millis), each.line())
                  : each;
            })
        .toList();
  }

  private interface Lines {
    void line(byte[] line, int number) throws Malformed, IOException;
  }

  private void lines(Path file, String header, Lines to) {
    int number = 1;
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      if (Files.size(file) > largest) {
        throw new CassetteError(
            file, "larger than " + (largest >> 20) + " MiB (expected: less, or more -Xmx)");
      }
      byte[] first = line(in);
      if (first == null || !header.equals(new String(first, StandardCharsets.UTF_8))) {
        throw new Malformed("not such a file, or of another version (expected: " + header + ")");
      }
      while (true) {
        number++;
        byte[] line = line(in);
        if (line == null) {
          return;
        }
        if (line.length > 0) {
          to.line(line, number);
        }
      }
    } catch (Malformed malformed) {
      throw new CassetteError(file, number, malformed.getMessage());
    } catch (NoSuchFileException none) {
      throw new CassetteError(file, "no such file");
    } catch (AccessDeniedException denied) {
      throw new CassetteError(file, "not readable");
    } catch (IOException unreadable) {
      throw new CassetteError(file, number, "cannot be read");
    }
  }

  /** The next line without its end; null at the end. */
  private byte[] line(InputStream in) throws IOException, Malformed {
    ByteArrayOutputStream line = new ByteArrayOutputStream(512);
    int one = in.read();
    if (one < 0) {
      return null;
    }
    for (; one >= 0 && one != '\n'; one = in.read()) {
      if (line.size() == longestLine) {
        throw new Malformed("longer than " + longestLine + " bytes");
      }
      line.write(one);
    }
    byte[] bytes = line.toByteArray();
    boolean returned = bytes.length > 0 && bytes[bytes.length - 1] == '\r'; // Windows' Git
    return returned ? Arrays.copyOf(bytes, bytes.length - 1) : bytes;
  }

  /**
   * Writes a cassette and its times, each as a whole or not at all.
   *
   * @throws IOException if they cannot be written
   */
  public static void write(Path file, Collection<Exchange> exchanges) throws IOException {
    List<Exchange> sorted = exchanges.stream().sorted(ORDER).toList();
    replace(file, LineWriter.HEADER, sorted, (each, out) -> LineWriter.write(each, out));
    replace(
        times(file),
        LineWriter.TIMES_HEADER,
        sorted.stream().filter(each -> !each.answer().millis().isEmpty()).toList(),
        (each, out) -> out.writeBytes(timesOf(each).getBytes(StandardCharsets.UTF_8)));
  }

  private static String timesOf(Exchange exchange) {
    return "{\"request\":\"%s\",\"sample\":%d,\"millis\":%s}\n"
        .formatted(
            digest(exchange.request()),
            exchange.sample(),
            exchange.answer().millis().toString().replace(" ", ""));
  }

  private interface Line {
    void write(Exchange exchange, ByteArrayOutputStream to) throws IOException;
  }

  private static void replace(Path file, String header, List<Exchange> exchanges, Line line)
      throws IOException {
    Path news = file.resolveSibling("." + file.getFileName() + "." + ProcessHandle.current().pid());
    try {
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(news), 1 << 16)) {
        out.write((header + "\n").getBytes(StandardCharsets.UTF_8));
        for (Exchange each : exchanges) {
          ByteArrayOutputStream one = new ByteArrayOutputStream(1 << 12);
          line.write(each, one);
          one.writeTo(out);
        }
      }
      Files.move(news, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(news);
    }
  }

  private static String key(Exchange exchange) {
    return digest(exchange.request()) + " " + exchange.sample();
  }

  private static String digest(RecordedRequest request) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      String name = request.method() + " " + request.target() + "\n" + request.form() + "\n";
      sha256.update(name.getBytes(StandardCharsets.UTF_8));
      sha256.update(request.body().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(sha256.digest(), 0, DIGEST);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** A file that cannot be read: one line that names the file and the line, without its content. */
  public static final class CassetteError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** About the file as a whole. */
    public CassetteError(Path file, String message) {
      super(file + ": " + message, null, false, false);
    }

    /** About a line, counted from 1. */
    public CassetteError(Path file, int line, String message) {
      super(file + ":" + line + ": " + message, null, false, false);
    }
  }
}
