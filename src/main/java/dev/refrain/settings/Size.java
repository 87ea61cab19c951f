package dev.refrain.settings;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An amount of memory.
 *
 * @param bytes not negative
 */
@ExpectedType.Form("a size such as 512KiB, 32MiB or plain bytes")
public record Size(long bytes) {
  private static final Pattern WRITTEN = Pattern.compile("(\\d{1,18}) ?(|B|KiB|MiB|GiB)");
  private static final int KIBI = 10;
  private static final int MEBI = 20;
  private static final int GIBI = 30;

  /** Checks that there is no less than nothing. */
  public Size {
    if (bytes < 0) {
      throw new IllegalArgumentException("bytes: " + bytes + " (expected: not negative)");
    }
  }

  /** So many bytes. */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static Size bytes(long bytes) {
    return new Size(bytes);
  }

  /** So many times 2^30 bytes. */
  public static Size gibibytes(long gibibytes) {
    return new Size(Math.multiplyExact(gibibytes, 1L << GIBI));
  }

  /**
   * Reads {@code 512KiB}, {@code 32MiB}, {@code 1GiB} or plain bytes.
   *
   * @throws IllegalArgumentException if it is none of these
   */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static Size parse(String text) {
    Matcher written = WRITTEN.matcher(text);
    if (!written.matches()) {
      throw new IllegalArgumentException("not a size");
    }
    try {
      return new Size(
          Math.multiplyExact(Long.parseLong(written.group(1)), 1L << shift(written.group(2))));
    } catch (ArithmeticException tooLarge) {
      throw new IllegalArgumentException("not a size", tooLarge);
    }
  }

  /** The bytes as an {@code int}; every size but that of the memory tier fits. */
  public int toInt() {
    return Math.toIntExact(bytes);
  }

  /** As it would be written in the file, in the largest unit that keeps it whole. */
  @Override
  public String toString() {
    if (bytes == 0 || bytes % (1L << KIBI) != 0) {
      return bytes + "B";
    }
    if (bytes % (1L << MEBI) != 0) {
      return (bytes >> KIBI) + "KiB";
    }
    return bytes % (1L << GIBI) != 0 ? (bytes >> MEBI) + "MiB" : (bytes >> GIBI) + "GiB";
  }

  private static int shift(String unit) {
    return switch (unit) {
      case "KiB" -> KIBI;
      case "MiB" -> MEBI;
      case "GiB" -> GIBI;
      default -> 0;
    };
  }
}
