package dev.refrain.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.encoder.Encoder;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;

/** What a line of the access log costs the thread that writes it, but for the writing. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 4, time = 1)
public class EncoderBenchmark {
  /** {@code logging.format}. */
  @Param public Logging.Format format;

  private final LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
  private final LoggingEvent event = event();
  private Encoder<ILoggingEvent> encoder;

  private LoggingEvent event() {
    LoggingEvent made =
        new LoggingEvent(
            "x", context.getLogger(Logging.ACCESS), Level.INFO, "answered", null, null);
    made.setKeyValuePairs(
        List.of(
            new KeyValuePair("http.request.id", "4f0c2d4e-1df2-4a43-8a4c-6bb6d1c0a1b7"),
            new KeyValuePair("http.request.method", "POST"),
            new KeyValuePair("url.path", "/v1/completions"),
            new KeyValuePair("http.response.status_code", 200),
            new KeyValuePair("http.response.body.bytes", 387L),
            new KeyValuePair("event.duration", 140_051L),
            new KeyValuePair("refrain.first_byte", 140_051L),
            new KeyValuePair("refrain.outcome", "hit"),
            new KeyValuePair("refrain.scope", "a43d6a62abe95907"),
            new KeyValuePair("gen_ai.request.model", "gpt-3.5-turbo-instruct"),
            new KeyValuePair("refrain.framing", "whole"),
            new KeyValuePair("refrain.source", "memory"),
            new KeyValuePair("gen_ai.usage.input_tokens", 20L),
            new KeyValuePair("gen_ai.usage.output_tokens", 63L)));
    return made;
  }

  /** The line as bytes. */
  @Benchmark
  public byte[] line() {
    if (encoder == null) {
      encoder = LogLayouts.encoder(format, context);
    }
    return encoder.encode(event);
  }
}
