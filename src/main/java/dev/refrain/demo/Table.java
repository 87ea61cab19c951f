package dev.refrain.demo;

import dev.refrain.demo.DemoClient.Outcome;
import dev.refrain.demo.Table.Palette.Ink;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/**
 * Prints a tour: a row a step, as it happens, at most 100 columns wide. ASCII, for any terminal.
 */
final class Table {
  /** Widest line. */
  static final int COLUMNS = 100;

  private static final int ANSWER = 20;
  private static final String LEFT = "%2s  %-38.38s  ";
  private static final String RIGHT = "  %6s %6s %6s %6s  ";

  private final PrintStream out;
  private final Palette palette;

  Table(PrintStream out, boolean colour) {
    this.out = out;
    this.palette = new Palette(colour);
  }

  void head(int proxyPort, int upstreamPort) {
    line(
        "Refrain on port "
            + proxyPort
            + ", before a simulated upstream on port "
            + upstreamPort
            + ".");
    line(
        palette.paint(Ink.FAINT, "calls: requests that reached the upstream; paid, saved: tokens"));
    line("");
    String right = format(RIGHT, "ms", "calls", "paid", "saved");
    line(palette.paint(Ink.STRONG, format(LEFT, "#", "request") + pad("response") + right));
  }

  void row(int number, Step step, Outcome outcome, List<String> mismatches) {
    String left = format(LEFT, number, step.asked());
    String right =
        format(RIGHT, outcome.millis(), outcome.calls(), outcome.paid(), outcome.saved());
    Ink ink = outcome.calls() == 0 ? Ink.GOOD : Ink.PAID;
    String check = mismatches.isEmpty() ? "ok" : palette.paint(Ink.WRONG, "WRONG");
    line(left + palette.paint(ink, pad(answered(outcome))) + right + check);
    mismatches.forEach(mismatch -> line(palette.paint(Ink.WRONG, "    " + mismatch)));
  }

  void totals(List<Outcome> outcomes, int requests, int wrong) {
    long paid = outcomes.stream().mapToLong(Outcome::paid).sum();
    long saved = outcomes.stream().mapToLong(Outcome::saved).sum();
    long calls = outcomes.stream().mapToLong(Outcome::calls).sum();
    line("");
    line(
        format(
            "Paid %d tokens in %d calls; without Refrain %d tokens in %d calls. Saved: %d %%.",
            paid, calls, paid + saved, requests, percent(saved, paid + saved)));
    if (wrong > 0) {
      line(
          palette.paint(
              Ink.WRONG, wrong + " of " + outcomes.size() + " steps were not as they must be."));
    }
  }

  void invitation(int proxyPort, int managementPort) {
    line("");
    line("See what is saved, live:  http://127.0.0.1:" + managementPort + "/");
    line("");
    line("Try it yourself, twice (Ctrl-C ends it):");
    line("");
    line(
        "  curl -i http://127.0.0.1:"
            + proxyPort
            + "/v1/completions -H 'Content-Type: application/json' \\");
    line("    -d '{\"model\":\"any\",\"prompt\":\"Sing once more\",\"temperature\":0}'");
    line("");
  }

  void failure(String words) {
    line(palette.paint(Ink.WRONG, words));
  }

  private static String answered(Outcome outcome) {
    if (outcome.status() == 0) {
      return "no answer";
    }
    String words = outcome.cache().words();
    return outcome.status() == 200 ? words : outcome.status() + " " + words;
  }

  private static long percent(long part, long whole) {
    return whole == 0 ? 0 : Math.round(100.0 * part / whole);
  }

  private static String pad(String text) {
    return format("%-" + ANSWER + "." + ANSWER + "s", text);
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }

  private void line(String text) {
    out.println(text);
    out.flush();
  }

  /** Colours, or none. Control sequences of ECMA-48. */
  static final class Palette {
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
}
