package dev.refrain.openai;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.refrain.json.Slice;
import dev.refrain.testing.Json;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class UsageSharesTest {
  @Test
  void inputIsDividedByInputAndOutputByOutput() throws IOException {
    List<JsonNode> shares =
        shares(
            "{\"prompt_tokens\":10,\"completion_tokens\":8,\"total_tokens\":18}",
            new long[] {4, 1},
            new long[] {1, 3});
    assertThat(shares.get(0))
        .isEqualTo(Json.read("{\"prompt_tokens\":8,\"completion_tokens\":2,\"total_tokens\":10}"));
    assertThat(shares.get(1))
        .isEqualTo(Json.read("{\"prompt_tokens\":2,\"completion_tokens\":6,\"total_tokens\":8}"));
  }

  @Test
  void detailsAreDividedAndWhatIsNoCountIsRepeated() throws IOException {
    List<JsonNode> shares =
        shares(
            "{\"prompt_tokens_details\":{\"cached_tokens\":4},\"cost\":0.5,\"tier\":\"a\",\"x\":null}",
            new long[] {1, 1},
            new long[] {1, 1});
    JsonNode each =
        Json.read(
            "{\"prompt_tokens_details\":{\"cached_tokens\":2},\"cost\":0.5,\"tier\":\"a\",\"x\":null}");
    assertThat(shares).containsExactly(each, each);
  }

  @Test
  void partsWithoutAnyWeightGetEqualShares() throws IOException {
    List<JsonNode> shares = shares("{\"prompt_tokens\":4}", new long[] {0, 0}, new long[] {0, 0});
    assertThat(shares).allMatch(share -> share.path("prompt_tokens").asInt() == 2);
  }

  @Test
  void noTokenIsLostOrInvented() throws IOException {
    Random random = new Random(7);
    for (int round = 0; round < 2_000; round++) {
      int parts = 1 + random.nextInt(40);
      long prompt = random.nextInt(100_000);
      long completion = random.nextLong(1L << 50);
      List<JsonNode> shares =
          shares(
              "{\"prompt_tokens\":%d,\"completion_tokens\":%d,\"total_tokens\":%d}"
                  .formatted(prompt, completion, prompt + completion),
              random.longs(parts, 0, 1 << 30).toArray(),
              random.longs(parts, 0, 9).toArray());
      assertThat(sum(shares, "prompt_tokens")).isEqualTo(prompt);
      assertThat(sum(shares, "completion_tokens")).isEqualTo(completion);
      assertThat(shares)
          .allMatch(
              share ->
                  share.path("prompt_tokens").asLong() >= 0
                      && share.path("completion_tokens").asLong() >= 0
                      && share.path("total_tokens").asLong()
                          == share.path("prompt_tokens").asLong()
                              + share.path("completion_tokens").asLong());
    }
  }

  private static long sum(List<JsonNode> shares, String name) {
    return shares.stream().mapToLong(share -> share.path(name).asLong()).sum();
  }

  private static List<JsonNode> shares(String usage, long[] input, long[] output)
      throws IOException {
    return UsageShares.of(Slice.of(Buffer.buffer(usage)), input, output).stream()
        .map(share -> Json.read(share.toString()))
        .toList();
  }
}
