package dev.refrain.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;

/**
 * Makes inputs nobody would send of ones somebody would: flips, cuts, repeats, splices, and puts in
 * what parsers trip over. The same seed makes the same inputs.
 */
final class Mutator {
  private static final int LONGEST = 64 * 1024;

  private final Random random;
  private final List<byte[]> corpus;
  private final List<byte[]> words;

  /** A mutator of these seeds, which also puts in these words. */
  Mutator(long seed, List<byte[]> corpus, List<String> words) {
    this.random = new Random(seed);
    this.corpus = corpus;
    this.words = words.stream().map(word -> word.getBytes(StandardCharsets.ISO_8859_1)).toList();
  }

  /** The next input. */
  byte[] next() {
    byte[] input = seed();
    for (int left = random.nextInt(6); left >= 0; left--) {
      input = mutate(input);
    }
    return input.length <= LONGEST ? input : Arrays.copyOf(input, LONGEST);
  }

  /** A number below {@code bound}, for a test to draw from the same source. */
  int below(int bound) {
    return random.nextInt(bound);
  }

  private byte[] seed() {
    return corpus.get(random.nextInt(corpus.size()));
  }

  private byte[] mutate(byte[] in) {
    int at = random.nextInt(in.length + 1);
    int to = Math.min(in.length, at + random.nextInt(1 + Math.max(1, in.length / 4)));
    byte[] piece = Arrays.copyOfRange(in, at, to);
    return switch (random.nextInt(8)) {
      case 0 -> flipped(in);
      case 1 -> splice(in, at, to, new byte[0]);
      case 2 -> splice(in, at, at, piece);
      case 3 -> splice(in, at, at, words.get(random.nextInt(words.size())));
      case 4 -> splice(in, at, to, words.get(random.nextInt(words.size())));
      case 5 -> Arrays.copyOf(in, at);
      case 6 -> splice(in, at, in.length, tail(seed()));
      default -> splice(in, at, at, repeated(piece));
    };
  }

  private byte[] flipped(byte[] in) {
    byte[] out = in.clone();
    if (out.length > 0) {
      out[random.nextInt(out.length)] = (byte) random.nextInt(256);
    }
    return out;
  }

  private byte[] tail(byte[] of) {
    return Arrays.copyOfRange(of, random.nextInt(of.length + 1), of.length);
  }

  private byte[] repeated(byte[] piece) {
    byte[] out = new byte[Math.min(LONGEST, piece.length * (1 + random.nextInt(50)))];
    for (int i = 0; i < out.length; i++) {
      out[i] = piece[i % piece.length];
    }
    return out;
  }

  private static byte[] splice(byte[] in, int from, int to, byte[] piece) {
    byte[] out = new byte[from + piece.length + in.length - to];
    System.arraycopy(in, 0, out, 0, from);
    System.arraycopy(piece, 0, out, from, piece.length);
    System.arraycopy(in, to, out, from + piece.length, in.length - to);
    return out;
  }

  /** An input as it can be put in a test of its own. */
  static String show(byte[] input) {
    return HexFormat.of().formatHex(input);
  }
}
