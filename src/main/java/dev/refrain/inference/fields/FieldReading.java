package dev.refrain.inference.fields;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Reads what of a field's value counts: nothing, all of it, or some parts. Pure functions. */
@FunctionalInterface
interface FieldReading {
  /** The whole value counts. */
  FieldReading ALL = List::of;

  /** The parts of a value that count, in their order. */
  List<String> parts(String value);

  /** How the field of this name, in lower case, is read. */
  static FieldReading of(String name) {
    return READINGS.getOrDefault(name, ALL);
  }

  /** Fields of which not all counts. */
  Map<String, FieldReading> READINGS =
      Map.of(
          "content-type", FieldReading::contentType,
          "accept-language", FieldReading::acceptLanguage,
          "expect", FieldReading::expect,
          "forwarded", FieldReading::forwarded,
          "cookie", FieldReading::cookie);

  /**
   * Cookies by which load balancers and content delivery networks know a connection again. They
   * name a server, not a caller, and some are given anew with each response.
   */
  Set<String> OF_THE_WAY =
      Set.of(
          "awsalb",
          "awsalbcors",
          "awsalbtg",
          "awsalbtgcors",
          "awselb",
          "awselbcors",
          "gclb",
          "arraffinity",
          "arraffinitysamesite",
          "applicationgatewayaffinity",
          "applicationgatewayaffinitycors",
          "__cf_bm",
          "__cflb",
          "__cfruid",
          "_cfuvid",
          "serverid");

  // JSON in UTF-8 is what every body is that is read here.
  private static List<String> contentType(String value) {
    String plain = value.toLowerCase(Locale.ROOT).replace(" ", "").replace("\"", "");
    return plain.equals("application/json") || plain.equals("application/json;charset=utf-8")
        ? List.of()
        : List.of(value);
  }

  // Any language will do: the same as to say nothing (RFC 9110 §12.5.4).
  private static List<String> acceptLanguage(String value) {
    return value.trim().equals("*") ? List.of() : List.of(value);
  }

  // Refrain itself says that the body may come (RFC 9110 §10.1.1); what else is expected is not
  // known.
  private static List<String> expect(String value) {
    return value.trim().equalsIgnoreCase("100-continue") ? List.of() : List.of(value);
  }

  // Of the hops (RFC 7239 §4) only the host that was requested, as with X-Forwarded-Host.
  private static List<String> forwarded(String value) {
    List<String> hosts = new ArrayList<>();
    for (String part : value.split("[,;]")) {
      String pair = part.trim();
      if (pair.regionMatches(true, 0, "host=", 0, 5)) {
        hosts.add(pair.substring(5).replace("\"", ""));
      }
    }
    return hosts;
  }

  // Over HTTP/2 each may come in a field of its own (RFC 9113 §8.2.3).
  private static List<String> cookie(String value) {
    List<String> cookies = new ArrayList<>();
    for (String part : value.split(";")) {
      String pair = part.trim();
      int equals = pair.indexOf('=');
      String name = equals < 0 ? pair : pair.substring(0, equals).trim();
      if (!pair.isEmpty() && !OF_THE_WAY.contains(name.toLowerCase(Locale.ROOT))) {
        cookies.add(pair);
      }
    }
    return cookies;
  }
}
