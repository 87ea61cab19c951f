package dev.refrain.inference;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.List;
import java.util.stream.Stream;

/**
 * The fields of a response that belong to its answer and may be given to another caller. All others
 * belong to the one call that was made: cookies, rate limits, timings, request ids, validators. A
 * field that is not listed here stays with the caller whose call it was.
 *
 * <p>Source: docs/internals/decisions/0045.
 */
public final class AnswerFields {
  // What the body is (RFC 9110 §8.3 to §8.5), which model wrote it, and what its usage counts.
  private static final List<CharSequence> ALWAYS =
      names(
          "content-type",
          "content-encoding",
          "content-language",
          "openai-model",
          "openai-version",
          Head.USAGE);

  // What to do about an answer that is no success: RFC 9110 §10.2.3, §11.6.1, §10.2.2, §10.2.1, and
  // what the clients of OpenAI heed.
  private static final List<CharSequence> ALWAYS_AND_OF_ERRORS =
      Stream.concat(
              ALWAYS.stream(),
              names(
                  "retry-after",
                  "retry-after-ms",
                  "x-should-retry",
                  "www-authenticate",
                  "location",
                  "allow")
                  .stream())
          .toList();

  // What describes the bytes of one body (RFC 9110 §8.7, §8.8, §14.3; RFC 9530).
  private static final List<CharSequence> OF_THE_BODY =
      names(
          "etag",
          "last-modified",
          "content-md5",
          "digest",
          "content-digest",
          "repr-digest",
          "content-location",
          "accept-ranges");

  private AnswerFields() {}

  private static List<CharSequence> names(String... names) {
    return Stream.of(names).map(HttpHeaders::createOptimized).toList();
  }

  /** A copy of these fields without those that belong to the call. */
  public static MultiMap of(int status, MultiMap headers) {
    MultiMap answer = HttpHeaders.headers();
    for (CharSequence name : status < 300 ? ALWAYS : ALWAYS_AND_OF_ERRORS) {
      for (String value : headers.getAll(name)) {
        answer.add(name, value);
      }
    }
    return answer;
  }

  /** A copy of these fields without those that describe the body they came with. */
  static MultiMap withoutBody(MultiMap headers) {
    MultiMap others = HttpHeaders.headers().addAll(headers);
    OF_THE_BODY.forEach(others::remove);
    return others;
  }
}
