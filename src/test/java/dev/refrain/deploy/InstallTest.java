package dev.refrain.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * What starts the program outside containers: two launchers, the wrapper, and a page about them.
 */
class InstallTest {
  private static final Pattern FLAG = Pattern.compile("-(?:XX:|Dio\\.netty)[^\\s\"`]+");
  private static final String LAUNCHER = Docs.read("bin/refrain");
  private static final String GUIDE = Docs.read("docs/guide/install.md");

  @Test
  void bothLaunchersAndTheGuideGiveTheSameFlagsToTheJvm() {
    String jvm =
        LAUNCHER.substring(LAUNCHER.indexOf("jvm=\""), LAUNCHER.indexOf("enabled=false\""));
    List<String> flags = flags(jvm + "enabled=false");
    assertThat(flags).hasSizeGreaterThan(5);
    assertThat(flags(Docs.read("bin/refrain.cmd"))).isEqualTo(flags);
    String command = GUIDE.substring(GUIDE.indexOf("java -XX"), GUIDE.indexOf("| flag |"));
    assertThat(flags(command)).isEqualTo(flags);
    assertThat(GUIDE).contains(flags.stream().map(flag -> "| `" + flag + "` |").toList());
  }

  @Test
  void theLauncherOfWindowsHasTheLineEndsThatItNeeds() {
    String script = Docs.read("bin/refrain.cmd");
    assertThat(script.replace("\r\n", "")).doesNotContain("\n", "\r");
    assertThat(Docs.read(".gitattributes")).contains("*.cmd text eol=crlf");
  }

  @Test
  void theWrapperLoadsMavenFromMavenCentralAloneAndChecksIt() throws IOException {
    Properties wrapper = new Properties();
    wrapper.load(new StringReader(Docs.read(".mvn/wrapper/maven-wrapper.properties")));
    assertThat(wrapper.getProperty("distributionUrl"))
        .matches(
            "https://repo\\.maven\\.apache\\.org/maven2/.*/apache-maven-3\\.9\\.\\d+-bin\\.zip");
    assertThat(wrapper.getProperty("distributionSha256Sum")).matches("[0-9a-f]{64}");
    assertThat(wrapper.getProperty("distributionType")).isEqualTo("only-script");
    assertThat(Path.of("mvnw")).isExecutable();
  }

  private static List<String> flags(String text) {
    return FLAG.matcher(text).results().map(MatchResult::group).toList();
  }
}
