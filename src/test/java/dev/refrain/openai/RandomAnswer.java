package dev.refrain.openai;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Answers at random, as text, with what is hard about them: numbers, escapes, unknown members. */
final class RandomAnswer {
  private static final String[] TEXTS = {
    "",
    "a",
    " \\n",
    "\\\"",
    "é",
    "🐎",
    "\\ud83d",
    "\\ude00",
    "\\\\",
    "usage",
    "],[",
    "\\\"usage\\\":null}"
  };
  private static final String[] NUMBERS = {
    "0", "-0", "1.50", "-1e-7", "9007199254740993", "123456789012345678901234567890", "1E400"
  };
  private static final String[] REASONS = {"stop", "length", "content_filter"};

  private final Random random;

  RandomAnswer(Random random) {
    this.random = random;
  }

  /** A whole answer of {@code choices} choices, in some layout. */
  String body(int choices, String usage) {
    List<String> all = new ArrayList<>();
    for (int index = 0; index < choices; index++) {
      all.add(choice(index, string(), logprobs(random.nextInt(3)), quote(reason())));
    }
    List<String> members = header();
    members.add("\"choices\":" + list(all));
    members.add("\"usage\":" + usage);
    Collections.shuffle(members, random);
    return object(members);
  }

  /** A chunk of choice {@code index}. */
  String chunk(int index, String text, String logprobs, String reason) {
    return "{\"id\":\"c\",\"choices\":["
        + choice(index, text, logprobs, reason)
        + "],\"system_fingerprint\":null}";
  }

  String string() {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(4); i > 0; i--) {
      text.append(pick(TEXTS));
    }
    return quote(text.toString());
  }

  /** As a string, but without lone surrogates: Jackson takes them in values only. */
  private String name() {
    return string().replace("\\ud83d", "\\u0041").replace("\\ude00", "\\u0042");
  }

  /** Parallel lists over some tokens, whose texts may repeat inside one map. */
  String logprobs(int tokens) {
    List<String> texts = new ArrayList<>();
    List<String> numbers = new ArrayList<>();
    List<String> tops = new ArrayList<>();
    for (int i = 0; i < tokens; i++) {
      texts.add(string());
      numbers.add(pick(NUMBERS));
      tops.add(object(List.of(name() + ":" + pick(NUMBERS), name() + ":" + pick(NUMBERS))));
    }
    return object(
        List.of(
            "\"tokens\":" + list(texts),
            "\"token_logprobs\":" + list(numbers),
            "\"top_logprobs\":" + list(tops)));
  }

  String reason() {
    return pick(REASONS);
  }

  static String quote(String text) {
    return '"' + text + '"';
  }

  private String choice(int index, String text, String logprobs, String reason) {
    return object(
        List.of(
            "\"text\":" + text,
            "\"index\":" + index,
            "\"logprobs\":" + logprobs,
            "\"finish_reason\":" + reason,
            "\"stop_reason\":null"));
  }

  private List<String> header() {
    List<String> members = new ArrayList<>();
    members.add("\"id\":" + string());
    members.add("\"created\":" + pick(NUMBERS));
    members.add("\"\\u006dodel\":null");
    members.add("\"mystery\":" + object(List.of("\"a\":" + list(List.of(pick(NUMBERS), "null")))));
    members.add("\"\\\"odd\\\\\":" + string());
    return members;
  }

  private String object(List<String> members) {
    return "{" + space() + String.join(space() + "," + space(), members) + space() + "}";
  }

  private String list(List<String> elements) {
    return "[" + space() + String.join("," + space(), elements) + space() + "]";
  }

  private String space() {
    return pick("", "", "", " ", "\t", "\n", "\r\n");
  }

  private String pick(String... from) {
    return from[random.nextInt(from.length)];
  }
}
