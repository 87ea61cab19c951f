package dev.refrain.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.doctor.ExposureCheck.Port;
import dev.refrain.doctor.Finding.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExposureCheckTest {
  private static final Port HERE = new Port("127.0.0.1", false);
  private static final Port EVERYWHERE = new Port("0.0.0.0", false);
  private static final List<String> PAID = List.of("upstreams[1]");

  @Test
  void aKeyOfTheOperatorsOnAnOpenPortIsOneLineThatNamesBoth() {
    assertThat(new ExposureCheck(EVERYWHERE, PAID, HERE).warnings())
        .singleElement()
        .extracting(Finding::says)
        .isEqualTo(
            "anyone who reaches server.host 0.0.0.0 spends upstreams[1].apiKey; set keys, or"
                + " server.host: 127.0.0.1");
  }

  @Test
  void anOpenManagementPortWithoutATokenIsOneLine() {
    assertThat(new ExposureCheck(HERE, PAID, EVERYWHERE).warnings())
        .singleElement()
        .extracting(Finding::says)
        .asString()
        .startsWith("management.host 0.0.0.0 is open beyond this machine without management.token");
  }

  @Test
  void aPortWhoseCallersProveThemselvesIsNoMatter() {
    Port guarded = new Port("0.0.0.0", true);
    assertThat(new ExposureCheck(guarded, PAID, guarded).warnings()).isEmpty();
    assertThat(new ExposureCheck(EVERYWHERE, List.of(), HERE).make().result())
        .singleElement()
        .extracting(Finding::verdict)
        .isEqualTo(Verdict.OK);
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.8.8.8", "localhost", "::1", "[::1]", "0:0:0:0:0:0:0:1"})
  void aLoopbackAddressIsOpenToThisMachineAlone(String host) {
    Port port = new Port(host, false);
    assertThat(new ExposureCheck(port, PAID, port).warnings()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"::", "10.0.0.1", "localhost.example.com", "127.0.0.1.example.com"})
  void anyOtherIsOpenToMore(String host) {
    Port port = new Port(host, false);
    assertThat(new ExposureCheck(port, PAID, port).warnings()).hasSize(2);
  }
}
