package dev.refrain.cassette;

import dev.refrain.Api;
import dev.refrain.openai.CanonicalBody;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Exchanges at random, with what is hard about them: line ends, events, binary, broken ends. */
final class RandomExchanges {
  private static final String[] PATHS = {"/v1/completions", "/v1/responses?a=b", "/v1/files", "/x"};
  private static final String[] TYPES = {"application/json", "text/plain", "text/event-stream"};
  private static final String[] PIECES = {
    "{\"a\":1}",
    "{\"a\": [1.50, \"é\\u00e9\\ud800\"]}",
    "{\n \"a\": 1\n}",
    " {}",
    "data: {\"b\":\"\\n\"}\n\n",
    "data: {\"b\":1} \n\n",
    "data:{\"b\":1}\n\n",
    "data: [DONE]\n\n",
    ": ping\n\n",
    "event: x\r\ndata: {}\r\n\r\n",
    "data: {}\r\r",
    "data: cut",
    "😀\u2028\t\u0000",
    "\ufeff",
    ""
  };

  private final Random random;
  private final RequestForms forms = new RequestForms(new CanonicalBody(Api.ENDPOINTS));

  RandomExchanges(long seed) {
    random = new Random(seed);
  }

  /** Some exchanges, numbered as samples. */
  List<Exchange> some() {
    List<SampleOrder.Observed> observed = new ArrayList<>();
    for (int i = random.nextInt(8); i >= 0; i--) {
      observed.add(new SampleOrder.Observed(request(), answer(), i, i));
    }
    return SampleOrder.number(observed, request -> 0);
  }

  private RecordedRequest request() {
    return forms.of(
        random.nextBoolean() ? "POST" : "PUT", pick(PATHS), pick(TYPES), body(random.nextInt(3)));
  }

  RecordedAnswer answer() {
    MultiMap headers = HttpHeaders.headers().add("Content-Type", pick(TYPES)).add("Date", "today");
    if (random.nextInt(3) == 0) {
      headers.add("retry-after", "1").add("allow", "GET").add("allow", "POST");
    }
    byte[] body = body(random.nextInt(5));
    List<RecordedAnswer.Arrival> arrivals = new ArrayList<>();
    arrivals.add(new RecordedAnswer.Arrival(0, 3));
    for (int at = 0; at < body.length; ) {
      at = Math.min(body.length, at + 1 + random.nextInt(20));
      arrivals.add(new RecordedAnswer.Arrival(at, 3 + at));
    }
    int status = random.nextBoolean() ? 200 : 429;
    return RecordedAnswer.of(status, headers, body, random.nextInt(4) == 0, arrivals);
  }

  private byte[] body(int pieces) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < pieces; i++) {
      text.append(pick(PIECES));
    }
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    if (bytes.length > 0 && random.nextInt(6) == 0) {
      bytes[random.nextInt(bytes.length)] = (byte) 0xFF;
    }
    return bytes;
  }

  private String pick(String[] from) {
    return from[random.nextInt(from.length)];
  }
}
