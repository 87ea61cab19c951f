package dev.refrain.demo;

/** Colours, or none. Control sequences of ECMA-48. */
final class Palette {
  /** Meanings of colours. */
  enum Ink {
    /** Nothing was paid. */
    GOOD("32"),
    /** Something was paid. */
    PAID("33"),
    /** Not as it must be. */
    WRONG("1;31"),
    /** Less important. */
    FAINT("2"),
    /** More important. */
    STRONG("1");

    private final String code;

    Ink(String code) {
      this.code = code;
    }
  }

  private final boolean colour;

  Palette(boolean colour) {
    this.colour = colour;
  }

  String paint(Ink ink, String text) {
    return colour ? "\u001b[" + ink.code + "m" + text + "\u001b[0m" : text;
  }
}
