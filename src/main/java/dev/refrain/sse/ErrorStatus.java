package dev.refrain.sse;

import dev.refrain.inference.Frame;
import dev.refrain.json.Member;
import dev.refrain.json.Slice;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The HTTP status of an error that was reported in the place of an answer: by a number among its
 * members, else by the words that name its kind. Pure functions.
 *
 * <p>Source: the OpenAI API reference, Errors; the error objects of vLLM, SGLang, llama.cpp, TGI,
 * Anthropic, Google and OpenRouter.
 */
public final class ErrorStatus {
  /** Of an error that says nothing of its kind (RFC 9110 §15.6.3). */
  private static final int UNKNOWN = 502;

  private static final List<String> NUMBERS = List.of("code", "status", "status_code", "http_code");
  private static final List<String> WORDS = List.of("code", "type", "status", "error_type");

  // The first that is part of the word, written without its separators, gives the status.
  private static final Map<String, Integer> KINDS = new LinkedHashMap<>();

  static {
    kind(401, "invalidapikey", "incorrectapikey", "authentication", "unauthenticated");
    kind(401, "unauthorized");
    kind(403, "permission", "forbidden");
    kind(404, "notfound", "nosuchmodel");
    kind(413, "toolarge");
    kind(429, "ratelimit", "toomanyrequests", "quota", "resourceexhausted", "throttl");
    kind(503, "overload", "unavailable", "capacity");
    kind(504, "timeout", "deadline");
    kind(422, "unprocessable");
    kind(400, "invalid", "badrequest", "contextlength", "contextwindow", "contextsize");
    kind(400, "abovemax", "contentpolicy", "contentfilter", "validation", "unsupported");
    kind(400, "missing", "malformed", "toolong", "failedprecondition", "outofrange");
    kind(500, "servererror", "internal", "apierror", "generation");
  }

  private ErrorStatus() {}

  /** The status of an error event: 400 to 599. */
  public static int of(Frame event) {
    try {
      List<List<Member>> objects = objects(Slice.of(event).members());
      int number = number(objects);
      return number > 0 ? number : word(objects);
    } catch (IOException notJson) {
      return UNKNOWN;
    }
  }

  /**
   * Whether an error of this status is the caller's: the same call would fail again anywhere, and
   * no server is to blame.
   */
  public static boolean isOfCaller(int status) {
    return status < 500 && status != 408 && status != 429; // RFC 9110 §15.5.9, RFC 6585 §4
  }

  /** The object in {@code error}, if there is one, and the one around it. */
  private static List<List<Member>> objects(List<Member> event) throws IOException {
    List<List<Member>> objects = new ArrayList<>(2);
    Member error = Member.find(event, "error");
    if (error != null && error.value().isObject()) {
      objects.add(error.value().members());
    }
    objects.add(event);
    return objects;
  }

  private static int number(List<List<Member>> objects) {
    for (List<Member> object : objects) {
      for (String name : NUMBERS) {
        int number = number(Member.find(object, name));
        if (number > 0) {
          return number;
        }
      }
    }
    return 0;
  }

  private static int number(Member member) {
    String text = member == null ? "" : member.value().text().replace("\"", "");
    return text.matches("[45]\\d\\d") ? Integer.parseInt(text) : 0;
  }

  private static int word(List<List<Member>> objects) {
    for (List<Member> object : objects) {
      for (String name : WORDS) {
        int status = word(Member.find(object, name));
        if (status > 0) {
          return status;
        }
      }
    }
    int status = word(Member.find(objects.get(objects.size() - 1), "error"));
    return status > 0 ? status : UNKNOWN;
  }

  private static int word(Member member) {
    if (member == null || !member.value().isString()) {
      return 0;
    }
    String word = member.value().text().toLowerCase(Locale.ROOT).replaceAll("[^a-z]", "");
    if (word.equals("requests") || word.equals("tokens")) {
      return 429; // the type of OpenAI's rate limits
    }
    return KINDS.entrySet().stream()
        .filter(kind -> word.contains(kind.getKey()))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(0);
  }

  private static void kind(int status, String... words) {
    for (String word : words) {
      KINDS.put(word, status);
    }
  }
}
