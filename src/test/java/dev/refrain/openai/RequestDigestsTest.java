package dev.refrain.openai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.inference.Cancellation;
import dev.refrain.inference.FieldDigests;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.fields.FieldRoles;
import dev.refrain.openai.RequestSchema.Bounds;
import dev.refrain.openai.completions.Completions;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestDigestsTest {
  private static final String ONE =
      "{'model':'m','temperature':0,'prompt':'p','x':{'a':1,'b':[2]}}";

  private final RequestDigests digests =
      new RequestDigests(List.of(Completions.DEFINITION), Bounds.PUBLISHED, FieldRoles.DEFAULT);

  private static InferenceRequest read(String body, String... headers) {
    return ReaderFixture.read(body.replace('\'', '"').getBytes(UTF_8), headers);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'model':'m','temperature':0,'prompt':'p','x':{'a':1,'b':[2]}}|",
        "{ 'x' : { 'b' : [ 2.0 ] , 'a' : 1 } , 'prompt' : '\\u0070' , 'temperature' : 0.00 ,"
            + " 'model':'m' }|",
        "{'model':'m','temperature':'0','prompt':'p','x':{'a':1,'b':[2]},'user':'u','stream':true}|",
        "{'model':'m','temperature':0,'prompt':'p','x':{'a':1,'b':[2]},'seed':null,'n':1}|",
        "{'model':'m','temperature':0,'prompt':'q','x':{'a':1,'b':[3]}}|prompt,x",
        "{'model':'m','temperature':0,'prompt':'p'}|x",
        "{'model':'m','temperature':0,'prompt':'p','x':{'a':1,'b':[2]},'seed':1,'max_tokens':null}|max_tokens,seed",
      })
  void fieldsDifferWhereTheFingerprintDoes(String body, String differing) {
    InferenceRequest other = read(body);
    List<String> names = digests.apply(read(ONE)).differing(digests.apply(other));
    assertThat(names).isEqualTo(differing == null ? List.of() : List.of(differing.split(",")));
    assertThat(names.isEmpty())
        .isEqualTo(ReaderFixture.fingerprint(other).equals(ReaderFixture.fingerprint(read(ONE))));
  }

  @Test
  void aHeaderFieldThatCountsIsOneOfThem() {
    FieldDigests with = digests.apply(read(ONE, "X-Feature", "a", "X-Feature", "b"));
    assertThat(with.differing(digests.apply(read(ONE)))).containsExactly("header x-feature");
    assertThat(digests.apply(read(ONE, "X-Feature", "a")).differing(with))
        .containsExactly("header x-feature");
    assertThat(digests.apply(read(ONE, "User-Agent", "a")).differing(digests.apply(read(ONE))))
        .isEmpty();
  }

  @Test
  void aPartIsComparedAsTheCallThatItIs() {
    InferenceRequest whole = read("{'model':'m','temperature':0,'prompt':['p','q']}");
    InferenceRequest part = whole.split().part(whole, 1, new Cancellation()).request();
    FieldDigests alone = digests.apply(read("{'model':'m','temperature':0,'prompt':'q'}"));
    assertThat(digests.apply(part).differing(alone)).isEmpty();
  }

  @Test
  void whatTakesTooMuchIsNotKnown() {
    String fields =
        String.join(",", IntStream.range(0, 65).mapToObj(i -> "'f" + i + "':" + i).toList());
    String prompts = IntStream.range(0, 65).mapToObj(i -> "'" + i + "'").toList().toString();
    InferenceRequest many = read("{'model':'m','temperature':0,'prompt':" + prompts + "}");
    assertThat(digests.apply(read("{'model':'m','temperature':0," + fields + "}")).isKnown())
        .isFalse();
    assertThat(digests.apply(read(ONE.replace("'x'", "'" + "x".repeat(65) + "'"))).isKnown())
        .isFalse();
    assertThat(digests.apply(read(ONE.replace("'p'", "'" + "p".repeat(300_000) + "'"))).isKnown())
        .isFalse();
    InferenceRequest part = many.split().part(many, 0, new Cancellation()).request();
    assertThat(digests.apply(part).isKnown()).isFalse();
    assertThat(digests.apply(read(ONE)).isKnown()).as("nothing is left over").isTrue();
    assertThat(digests.apply(read(ONE)).weight()).isBetween(100, 300);
  }
}
