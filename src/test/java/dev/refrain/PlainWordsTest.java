package dev.refrain;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Names that were retired for standard ones stay retired; {@code docs/internals/glossary.md}. */
class PlainWordsTest {
  private static final Pattern TYPES =
      words(
          "Advice Allowance Chant Choir Chorus Continuation CompletionRequest CompletionService",
          "Crowd Division Door Doors Edition Epochs Escort Gathered Gathering GiantVoice HangUp",
          "Heads Heard Inquiry Journey Kept Landing Lane Ledger MemoryKeeper Mishap Occupancy",
          "Outlet Outline Passage Passenger Reception Relay Retelling Retold Seams SharedKeeper",
          "Setback StaleServer Standing Stranger Travel Tries Unheard Unkept Untold Verse Voice",
          "Voyage WrittenLine");

  private static final Pattern MEMBERS =
      words("notKept retryWithheld turnAway turnedAway unkept unsaid untold");

  private static final Pattern PUBLIC =
      Pattern.compile(
          "refrain_(?:connections_turned_away|flights_landed|not_kept|upstream_retries_withheld)"
              + "|\\b(?:landing|ending|why)=\\\\?\""
              + "|\\bresult=\\\\?\"(?:hit|miss|error|applied|refused)"
              + "|\\bretry\\.(?:most|firstWait|longestWait|retryAfter)\\b"
              + "|\\bflights\\.most\\b|\\badaptive\\.least\\b");

  private static final Pattern RIDDLES =
      Pattern.compile("(?i)\\b(?:nobody|somebody|whoever|shall|heard|spoken)\\b");

  private static final Pattern COMMENT = Pattern.compile("(?m)^\\s*#.*$");
  private static final Pattern TEXT = Pattern.compile("\"(?:\\\\.|[^\"\\\\\\n])*\"");

  private static final Pattern NO_CODE =
      Pattern.compile(
          "(?s)/\\*.*?\\*/|//[^\\n"
              + "]*|\"\"\".*?\"\"\"|\"(?:\\\\.|[^\"\\\\\\n"
              + "])*\"|'(?:\\\\.|[^'\\\\])'");
  private static final Pattern REFERENCE =
      Pattern.compile("\\{@(?:link|linkplain|code) ([^{}]*)}|`([A-Z][^`\\n]*)`");

  @Test
  void codeNamesNothingByARetiredWord() {
    List<String> found = new ArrayList<>();
    for (Path file : files("src/main/java", "src/test/java", "loadtest")) {
      if (file.toString().endsWith(".java")) {
        String code = NO_CODE.matcher(read(file)).replaceAll("");
        find(TYPES, code, file, found);
        find(MEMBERS, code, file, found);
      }
    }
    assertThat(found).isEmpty();
  }

  @Test
  void noPageAndNoCommentRefersToARetiredName() {
    List<String> found = new ArrayList<>();
    for (Path file : files("src", "docs", "conf", "k8s", "loadtest")) {
      Matcher reference = REFERENCE.matcher(read(file));
      while (reference.find()) {
        find(TYPES, reference.group(), file, found);
        find(MEMBERS, reference.group(), file, found);
      }
    }
    assertThat(found).isEmpty();
  }

  @Test
  void metricsLabelsAndSettingsHaveNoRetiredName() {
    List<String> found = new ArrayList<>();
    for (Path file : files("src", "docs", "conf", "k8s", "loadtest", "bin", "README.md")) {
      find(PUBLIC, read(file), file, found);
    }
    assertThat(found).isEmpty();
  }

  @Test
  void messagesSettingsAndManifestsSpeakPlainly() {
    List<String> found = new ArrayList<>();
    for (Path file : files("conf", "k8s", "src/main/java")) {
      boolean code = file.toString().endsWith(".java");
      if (!code || !file.toString().contains("/demo/")) {
        Matcher prose = (code ? TEXT : COMMENT).matcher(read(file));
        while (prose.find()) {
          find(RIDDLES, prose.group(), file, found);
        }
      }
    }
    assertThat(found).isEmpty();
  }

  private static Pattern words(String... lines) {
    String words =
        Stream.of(lines).flatMap(line -> Stream.of(line.split(" "))).collect(joining("|"));
    return Pattern.compile("(?<![\\w.-])(?:" + words + ")(?![\\w-])");
  }

  private static void find(Pattern retired, String text, Path file, List<String> found) {
    Matcher word = retired.matcher(text);
    while (word.find()) {
      found.add(file + ": " + word.group());
    }
  }

  private static List<Path> files(String... roots) {
    List<Path> all = new ArrayList<>();
    for (String root : roots) {
      try (Stream<Path> below = Files.walk(Path.of(root))) {
        below
            .filter(Files::isRegularFile)
            .filter(file -> file.toString().matches(".*\\.(java|md|ya?ml|json|html|py|mjs)"))
            .filter(file -> !file.toString().contains("/target/"))
            .filter(file -> !file.toString().contains("/node_modules/"))
            .filter(file -> !file.endsWith("PlainWordsTest.java"))
            .forEach(all::add);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return all;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
