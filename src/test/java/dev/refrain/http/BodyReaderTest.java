package dev.refrain.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.inference.Deadlines;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Failure.Kind;
import dev.refrain.memory.MemoryBudget;
import dev.refrain.memory.Reservation;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClosedException;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BodyReaderTest {
  private final Vertx vertx = Vertx.vertx();
  private final BodyReader reader =
      new BodyReader(
          10,
          MemoryBudget.unlimited(),
          new Deadlines(vertx, Duration.ofHours(1)),
          Duration.ofHours(1),
          Duration.ofHours(1));

  @AfterEach
  void stop() {
    vertx.close();
  }

  @Test
  void gathersWhatComesInPieces() {
    FakeExchange exchange = new FakeExchange("Content-Type", "application/json");
    Future<Buffer> body = reader.read(exchange.request, reader.reserve());
    assertThat(body.isComplete()).isFalse();
    exchange.play("01234", "56789");
    assertThat(body.result()).hasToString("0123456789");
    assertThat(exchange.continued).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/json;x=y",
        "application/json; charset=\"UTF-8\"",
        "application/json; Charset = utf8",
        "application/json;charset=us-ascii",
        "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded; charset=UTF-8",
        "application/vnd.api+json"
      })
  void jsonUnderEachOfItsNamesIsRead(String type) {
    assertThat(refusal("Content-Type", type)).isNull();
  }

  @Test
  void withoutATypeItIsTakenForJson() {
    assertThat(refusal("Content-Encoding", "Identity")).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/plain",
        "multipart/form-data; boundary=x",
        "",
        "json",
        ";",
        "application/json; charset=iso-8859-1",
        "application/json; charset=\"utf-16\"",
        "application/json;x=y;charset=latin1",
        "application/json; charset",
        "application/json; charset=utf-8; charset=iso-8859-1",
        "application/ld+json; CHARSET=windows-1252"
      })
  void otherTypesAreRefused(String type) {
    assertThat(refusal("Content-Type", type).kind()).isEqualTo(Kind.UNSUPPORTED_MEDIA_TYPE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "br", "identity, gzip", ""})
  void anEncodedBodyIsRefused(String coding) {
    assertThat(refusal("Content-Encoding", coding).kind()).isEqualTo(Kind.UNSUPPORTED_MEDIA_TYPE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"11", "99999999999999999999999"})
  void aLengthOverTheLimitIsRefusedBeforeItComes(String length) {
    FakeExchange exchange = new FakeExchange("Content-Length", length, "Expect", "100-continue");
    Future<Buffer> body = reader.read(exchange.request, reader.reserve());
    assertThat(((Failure) body.cause()).kind()).isEqualTo(Kind.TOO_LARGE);
    assertThat(exchange.continued).isFalse();
  }

  @Test
  void aLengthAtTheLimitIsNot() {
    assertThat(refusal("Content-Length", "10")).isNull();
  }

  @Test
  void aBodyThatGrowsOverTheLimitIsRefusedAtOnce() {
    FakeExchange exchange = new FakeExchange();
    Future<Buffer> body = reader.read(exchange.request, reader.reserve());
    exchange.chunk.handle(Buffer.buffer("0123456789"));
    assertThat(body.isComplete()).isFalse();
    exchange.chunk.handle(Buffer.buffer("x"));
    assertThat(((Failure) body.cause()).kind()).isEqualTo(Kind.TOO_LARGE);
    exchange.play("more");
  }

  @Test
  void whoAsksBeforeSendingIsToldToGoOn() {
    FakeExchange exchange = new FakeExchange("Expect", "100-Continue");
    reader.read(exchange.request, reader.reserve());
    assertThat(exchange.continued).isTrue();
  }

  @Test
  void aCallerWhoLeavesWhileSendingIsNoDefectOfOurs() {
    FakeExchange exchange = new FakeExchange();
    Future<Buffer> body = reader.read(exchange.request, reader.reserve());
    exchange.chunk.handle(Buffer.buffer("01"));
    exchange.exception.handle(new HttpClosedException("gone"));
    exchange.exception.handle(new HttpClosedException("gone"));
    exchange.end.handle(null);
    assertThat(((Failure) body.cause()).kind()).isEqualTo(Kind.CANCELLED);
  }

  @Test
  void aBodyThatCannotBeReadIsTheCallersFault() {
    FakeExchange exchange = new FakeExchange();
    Future<Buffer> body = reader.read(exchange.request, reader.reserve());
    exchange.exception.handle(new IOException("no chunk size"));
    Failure failure = (Failure) body.cause();
    assertThat(failure.kind()).isEqualTo(Kind.INVALID);
    assertThat(failure.getMessage()).doesNotContain("chunk");
  }

  private Failure refusal(String name, String value) {
    return (Failure) reader.read(new FakeExchange(name, value).request, reader.reserve()).cause();
  }

  private Future<Buffer> readWithin(MemoryBudget budget, FakeExchange exchange) {
    Duration hour = Duration.ofHours(1);
    BodyReader small = new BodyReader(1 << 20, budget, new Deadlines(vertx, hour), hour, hour);
    return small.read(exchange.request, small.reserve());
  }

  @Test
  void aDeclaredBodyThatTheBudgetHasNoRoomForIsRefusedBeforeItComes() {
    FakeExchange exchange = new FakeExchange("Content-Length", "20000", "Expect", "100-continue");
    Future<Buffer> body = readWithin(new MemoryBudget(16 * 1024, 0), exchange);
    assertThat(((Failure) body.cause()).kind()).isEqualTo(Kind.OVERLOADED);
    assertThat(exchange.continued).isFalse();
  }

  @Test
  void aBodyOfUnknownLengthIsRefusedWhenItOutgrowsTheBudget() {
    FakeExchange exchange = new FakeExchange("Transfer-Encoding", "chunked");
    MemoryBudget budget = new MemoryBudget(32 * 1024, 0);
    Future<Buffer> body = readWithin(budget, exchange);
    exchange.chunk.handle(Buffer.buffer(new byte[20_000]));
    assertThat(body.isComplete()).isFalse();
    exchange.chunk.handle(Buffer.buffer(new byte[20_000]));
    assertThat(((Failure) body.cause()).kind()).isEqualTo(Kind.OVERLOADED);
    assertThat(budget.rejected(MemoryBudget.Use.REQUEST_BODIES)).isEqualTo(1);
  }

  @Test
  void aBodyHoldsItsMemoryUntilItIsReleased() {
    FakeExchange exchange = new FakeExchange("Content-Length", "10");
    MemoryBudget budget = new MemoryBudget(1 << 20, 0);
    Duration hour = Duration.ofHours(1);
    BodyReader bodies = new BodyReader(10, budget, new Deadlines(vertx, hour), hour, hour);
    Reservation reserved = bodies.reserve();
    bodies.read(exchange.request, reserved);
    exchange.play("0123456789");
    assertThat(budget.used(MemoryBudget.Use.REQUEST_BODIES)).isEqualTo(Reservation.STEP);
    reserved.release();
    assertThat(budget.used(MemoryBudget.Use.REQUEST_BODIES)).isZero();
  }
}
