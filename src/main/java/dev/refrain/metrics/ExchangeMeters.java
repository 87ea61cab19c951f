package dev.refrain.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.vertx.core.spi.metrics.ClientMetrics;
import io.vertx.core.spi.observability.HttpRequest;
import io.vertx.core.spi.observability.HttpResponse;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** Counts the requests that HTTP clients send, and their answers. */
final class ExchangeMeters
    implements ClientMetrics<ExchangeMeters.Sent, HttpRequest, HttpResponse> {
  private static final int CODES = 600;

  private final MeterRegistry registry;
  private final Map<Method, Requests> requests;

  ExchangeMeters(MeterRegistry registry) {
    this.registry = registry;
    requests = Labels.each(Method.class, Requests::new);
  }

  /** A request that is under way. */
  static final class Sent {
    private final Requests requests;
    private final long begin = System.nanoTime();
    private int status;
    private boolean half;
    private boolean over;

    private Sent(Requests requests) {
      this.requests = requests;
    }

    /** Its request, or its answer, has ended: with the second of them it is over. */
    private void ended() {
      if (half) {
        end();
      }
      half = true;
    }

    private void end() {
      if (!over) {
        over = true;
        requests.active.decrementAndGet();
      }
    }
  }

  @Override
  public Sent requestBegin(String uri, HttpRequest request) {
    Requests of = requests.get(Method.of(request.method().name()));
    of.begun.increment();
    of.active.incrementAndGet();
    return new Sent(of);
  }

  @Override
  public void requestEnd(Sent sent, long bytes) {
    sent.requests.bytes.record(bytes);
    sent.ended();
  }

  @Override
  public void requestReset(Sent sent) {
    sent.end();
  }

  @Override
  public void responseBegin(Sent sent, HttpResponse response) {
    sent.status = response.statusCode();
  }

  @Override
  public void responseEnd(Sent sent, long bytes) {
    sent.ended();
    Responses of = sent.requests.responses(sent.status);
    of.ended.increment();
    of.bytes.record(bytes);
    of.time.record(System.nanoTime() - sent.begin, TimeUnit.NANOSECONDS);
  }

  private final class Requests {
    private final Method method;
    private final AtomicInteger active = new AtomicInteger();
    private final Counter begun;
    private final DistributionSummary bytes;
    // By status, of which a server has few; made when one first comes.
    private final AtomicReferenceArray<Responses> responses = new AtomicReferenceArray<>(CODES);

    Requests(Method method) {
      this.method = method;
      Tags tags = Tags.of("method", method.label());
      begun =
          Counter.builder("vertx.http.client.requests")
              .description("Requests sent")
              .tags(tags)
              .register(registry);
      bytes = summary("vertx.http.client.request.bytes", "Size of requests in bytes", tags);
      Gauge.builder("vertx.http.client.active.requests", active::get)
          .description("Requests waiting for a response")
          .tags(tags)
          .register(registry);
    }

    Responses responses(int status) {
      int code = status < CODES ? status : 0;
      Responses known = responses.get(code);
      if (known == null) {
        known = new Responses(Tags.of("method", method.label(), "code", Integer.toString(code)));
        responses.set(code, known); // another loop's are the same meters
      }
      return known;
    }
  }

  private final class Responses {
    private final Counter ended;
    private final DistributionSummary bytes;
    private final Timer time;

    Responses(Tags tags) {
      ended =
          Counter.builder("vertx.http.client.responses")
              .description("Response count with codes")
              .tags(tags)
              .register(registry);
      bytes = summary("vertx.http.client.response.bytes", "Size of responses in bytes", tags);
      time =
          Timer.builder("vertx.http.client.response.time")
              .description("Response time")
              .tags(tags)
              .register(registry);
    }
  }

  private DistributionSummary summary(String name, String help, Tags tags) {
    return DistributionSummary.builder(name).description(help).tags(tags).register(registry);
  }
}
