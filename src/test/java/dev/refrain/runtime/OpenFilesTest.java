package dev.refrain.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.config.Config;
import dev.refrain.config.ConfigLoader;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OpenFilesTest {
  private static final Config CONFIG =
      ConfigLoader.parse(
          "management: {connections: 64}\nupstreams: [{url: 'http://h', connections: 100}]");

  @ParameterizedTest
  @CsvSource({"1048576, 1048184", "1024, 632", "512, 160", "193, 1", "10, 1"})
  void callersGetWhatIsLeftAndHalfOfItAtLeast(long limit, int room) {
    assertThat(OpenFiles.room(CONFIG, limit)).isEqualTo(room);
  }
}
