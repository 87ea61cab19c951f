package dev.refrain.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.testing.ClusterFixture;
import dev.refrain.testing.SentinelFixture;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code doctor} before many servers of Redis. */
@Timeout(120)
class DoctorFleetIT {
  private final StringWriter out = new StringWriter();

  @TempDir private Path folder;

  @Test
  void everySentinelIsAskedAndTheMasterTheyNameIsExamined() throws IOException {
    try (SentinelFixture redis = new SentinelFixture()) {
      int master = redis.master().port();
      assertThat(examine(redis.configuration())).isEqualTo(1);
      List<String> lines = about("sentinel");
      assertThat(lines).hasSize(4);
      assertThat(lines.get(0)).startsWith("warn ").contains("connection refused");
      assertThat(lines.subList(1, 4))
          .allMatch(line -> line.endsWith("names 127.0.0.1:" + master + " as master the-master"));
      assertThat(about("redis"))
          .contains("ok    redis 127.0.0.1:" + master + ": can be written to");

      assertThat(examine(redis.configuration().replace("of-sentinels", "wrong"))).isEqualTo(1);
      assertThat(about("sentinel").get(1))
          .startsWith("fail ")
          .contains("rejects the password; check cache.redis.sentinel.username");
      assertThat(about("redis")).isEmpty();
    }
  }

  @Test
  void everySeedOfAClusterIsExamined() throws Exception {
    try (ClusterFixture redis = new ClusterFixture()) {
      assertThat(examine(redis.configuration())).isEqualTo(1); // for want of an upstream
      assertThat(about("redis"))
          .filteredOn(line -> line.matches(".*: (can be written to|is part of a cluster)"))
          .hasSize(redis.masters().size() - 1);
      assertThat(about("redis"))
          .anyMatch(line -> line.startsWith("warn ") && line.contains("connection refused"))
          .noneMatch(line -> line.startsWith("fail"));
    }
  }

  private List<String> about(String what) {
    return out.toString().lines().filter(line -> line.substring(6).startsWith(what)).toList();
  }

  private int examine(String redis) throws IOException {
    out.getBuffer().setLength(0);
    Path file =
        Files.writeString(
            folder.resolve("doctor.yaml"),
            """
            server: {port: 0}
            management: {port: 0}
            upstreams: [{url: 'http://127.0.0.1:1'}]
            cache: {redis: {%s}}
            """
                .formatted(redis));
    return Main.commandLine(Map.of())
        .setOut(new PrintWriter(out, true))
        .execute("doctor", "--config", file.toString());
  }
}
