package dev.refrain.job;

import dev.refrain.cassette.RecordedAnswer.Arrival;
import dev.refrain.upstream.passthrough.Tap;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Gathers one exchange as it passes, within the limits of its recording. */
final class RecordTap implements Tap {
  // A read, however small, is remembered with its time.
  private static final int READ = 32;

  private final HttpServerRequest exchange;
  private final Secrets secrets;
  private final RecordLimits limits;
  private final long began = System.nanoTime();
  private final List<Arrival> arrivals = new ArrayList<>();
  private ByteArrayOutputStream request = new ByteArrayOutputStream();
  private ByteArrayOutputStream answer = new ByteArrayOutputStream();
  private int status;
  private MultiMap headers;
  private int held;
  private String over;

  /** A tap on a request that has just come. */
  RecordTap(HttpServerRequest exchange, Secrets secrets, RecordLimits limits) {
    this.exchange = exchange;
    this.secrets = secrets;
    this.limits = limits;
  }

  @Override
  public void sent(Buffer bytes) {
    add(request, bytes);
  }

  @Override
  public void head(int code, MultiMap fields) {
    status = code;
    headers = fields;
    arrived();
  }

  @Override
  public void received(Buffer bytes) {
    add(answer, bytes);
    arrived();
  }

  // Whole, whenever the client left: so that the next recording is the same.
  @Override
  public boolean takesRest() {
    return over == null;
  }

  private void arrived() {
    if (over == null) {
      arrivals.add(new Arrival(answer.size(), (System.nanoTime() - began) / 1_000_000));
    }
  }

  private void add(ByteArrayOutputStream to, Buffer bytes) {
    if (over != null) {
      return;
    }
    int room = bytes.length() + READ;
    over = limits.take(held, room);
    if (over == null) {
      held += room;
      to.writeBytes(bytes.getBytes());
    } else {
      limits.give(held);
      request = null;
      answer = null;
      arrivals.clear();
    }
  }

  HttpServerRequest exchange() {
    return exchange;
  }

  Secrets secrets() {
    return secrets;
  }

  boolean isOver() {
    return over != null;
  }

  String overWhat() {
    return over;
  }

  boolean isAnswered() {
    return headers != null;
  }

  byte[] request() {
    return request.toByteArray();
  }

  byte[] answer() {
    return answer.toByteArray();
  }

  int status() {
    return status;
  }

  /** The header fields of the answer, without credentials. */
  MultiMap headers() {
    MultiMap clean = HttpHeaders.headers();
    for (Map.Entry<String, String> field : headers) {
      byte[] value = field.getValue().getBytes(StandardCharsets.ISO_8859_1);
      clean.add(
          field.getKey(), new String(secrets.removedFrom(value), StandardCharsets.ISO_8859_1));
    }
    return clean;
  }

  List<Arrival> arrivals() {
    return List.copyOf(arrivals);
  }

  long began() {
    return began;
  }
}
