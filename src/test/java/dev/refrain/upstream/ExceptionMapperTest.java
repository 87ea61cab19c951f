package dev.refrain.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Failure.Kind;
import io.netty.channel.ConnectTimeoutException;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ExceptionMapperTest {
  static Stream<Arguments> causes() {
    return Stream.of(
        Arguments.of(new ConnectionPoolTooBusyException("full"), false, Kind.OVERLOADED),
        Arguments.of(new ConnectTimeoutException("slow"), false, Kind.UPSTREAM_TIMEOUT),
        Arguments.of(
            new IOException(new ConnectTimeoutException("slow")), false, Kind.UPSTREAM_TIMEOUT),
        Arguments.of(new TimeoutException("slow"), false, Kind.UPSTREAM_TIMEOUT),
        Arguments.of(new ConnectException("refused"), false, Kind.UPSTREAM_UNREACHABLE),
        Arguments.of(new UnknownHostException("nowhere"), false, Kind.UPSTREAM_UNREACHABLE),
        Arguments.of(new IOException("reset"), true, Kind.UPSTREAM_BROKEN),
        Arguments.of(new TimeoutException("odd"), true, Kind.UPSTREAM_BROKEN));
  }

  @ParameterizedTest
  @MethodSource("causes")
  void everyExceptionOfTheClientBecomesAFailure(Throwable cause, boolean connected, Kind kind) {
    Failure failure = ExceptionMapper.translate(cause, connected);
    assertThat(failure.kind()).isEqualTo(kind);
    assertThat(failure.getCause()).isSameAs(cause);
    assertThat(failure.getMessage()).doesNotContain(cause.getMessage());
  }

  @Test
  void aFailureStaysWhatItIs() {
    Failure failure = Failure.of(Kind.CANCELLED, "gone");
    assertThat(ExceptionMapper.translate(failure, true)).isSameAs(failure);
  }
}
