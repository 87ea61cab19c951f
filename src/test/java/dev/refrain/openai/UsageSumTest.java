package dev.refrain.openai;

import static dev.refrain.openai.MergeFixture.part;
import static dev.refrain.openai.MergeFixture.q;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.inference.Part;
import dev.refrain.json.Slice;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UsageSumTest {
  private static final Part ONE = part(1, 0, 0, 1);
  private static final Part SAME = part(1, 0, 1, 1);
  private static final Part OTHER = part(1, 1, 2, 3);

  private final UsageSum sum = new UsageSum();

  @Test
  void detailsAreSummedMemberByMember() {
    add(
        ONE,
        "{'prompt_tokens':10,'prompt_tokens_details':{'cached_tokens':4,'audio_tokens':null},"
            + "'completion_tokens':1,'completion_tokens_details':{'reasoning_tokens':1},'total_tokens':11}");
    add(
        SAME,
        "{'prompt_tokens':10,'prompt_tokens_details':{'cached_tokens':9,'audio_tokens':null},"
            + "'completion_tokens':2,'completion_tokens_details':{'reasoning_tokens':2},'total_tokens':12}");
    add(
        OTHER,
        "{'prompt_tokens':20,'prompt_tokens_details':{'cached_tokens':5,'audio_tokens':null},"
            + "'completion_tokens':3,'completion_tokens_details':{'rejected':0,'reasoning_tokens':3},'total_tokens':23}");

    assertThat(json())
        .hasValue(
            q(
                "{'prompt_tokens':30,'prompt_tokens_details':{'cached_tokens':9,'audio_tokens':null},"
                    + "'completion_tokens':12,"
                    + "'completion_tokens_details':{'reasoning_tokens':12,'rejected':0},"
                    + "'total_tokens':42}"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'cost':0.1} | {'cost':0.2} | {'cost':0.3}",
        "{'tokens':9007199254740993} | {'tokens':9223372036854775807} |"
            + " {'tokens':9232379236109516800}",
        "{'n':1,'tokens':null} | {'n':1,'tokens':null} | {'n':2,'tokens':null}",
        "{'n':1,'tokens':null} | {'tokens':3} | {'n':1,'tokens':3}",
        "{'tokens':4} | {'n':1,'tokens':null} | {'tokens':4,'n':1}",
        "{'n':1,'d':null} | {'n':1,'d':{'a':1}} | {'n':2,'d':{'a':1}}",
        "{'n':1,'d':{'a':1}} | {'n':1,'d':{}} | {'n':2,'d':{'a':1}}",
        "{'n':1,'d':{}} | {'n':1,'d':{}} | {'n':2,'d':{}}",
        "{'n':1} | {'tokens':3} | {'n':1,'tokens':3}",
        "{'n':1,'tier':'a'} | {'n':1,'tier':'b'} | {'n':2,'tier':'a'}",
        "{'n':1,'tier':[1, 2]} | {'n':1,'tier':[3]} | {'n':2,'tier':[1, 2]}",
        "{'odd':3} | {'n':1,'odd':'b'} | {'odd':3,'n':1}",
        "{'n':1,'odd':'a'} | {'odd':3} | {'n':1,'odd':'a'}",
        "{'n':1,'odd':{'a':1}} | {'odd':3} | {'n':1,'odd':{'a':1}}",
        "{'odd':1E999999999} | {'odd':3} | {'odd':1E999999999}",
        "{'a\\'b':1} | {'a\\u0022b':2} | {'a\\'b':3}",
        "{'\\u00e9\\\\ü':1} | {'é\\\\\\u00fc':2} | {'\\u00e9\\\\ü':3}",
        "{ 'a' : 1 , 'b' : true } | {'a':1,'b':false} | {'a':2,'b':true}",
        "{'prompt_tokens':3,'total_tokens':3} | {'prompt_tokens':4,'total_tokens':4} |"
            + " {'prompt_tokens':7,'total_tokens':7}",
        "{'total_tokens':3} | {'total_tokens':4} | {'total_tokens':7}",
        "{'prompt_tokens':0.5,'completion_tokens':1e400,'total_tokens':2} |"
            + " {'prompt_tokens':1,'completion_tokens':1e400,'total_tokens':2} |"
            + " {'prompt_tokens':1.5,'completion_tokens':1e400,'total_tokens':4}",
        "{'prompt_tokens':1,'completion_tokens':1,'total_tokens':2} |"
            + " {'prompt_tokens':1,'completion_tokens':1e400,'total_tokens':3} |"
            + " {'prompt_tokens':2,'completion_tokens':1,'total_tokens':5}",
        "{'prompt_tokens':3,'completion_tokens':-1,'total_tokens':3} |"
            + " {'prompt_tokens':1,'completion_tokens':0,'total_tokens':1} |"
            + " {'prompt_tokens':4,'completion_tokens':-1,'total_tokens':4}",
        "{'prompt_tokens':3,'total_tokens':null} | {'prompt_tokens':4} |"
            + " {'prompt_tokens':7,'total_tokens':null}",
      })
  void membersAreSummedByWhatTheyAre(String one, String other, String expected) {
    add(ONE, one);
    add(part(1, 1, 1, 1), other);
    assertThat(json()).hasValue(q(expected));
  }

  @Test
  void whateverIsSaidOfTheInputIsCountedOnceAGroup() {
    String usage =
        "{'prompt_cache_hit_tokens':1,'input_tokens':2,'input_tokens_details':{'a':3},"
            + "'cached_tokens':4,'output_tokens':5}";
    add(ONE, usage);
    add(SAME, usage);
    assertThat(json())
        .hasValue(
            q(
                "{'prompt_cache_hit_tokens':1,'input_tokens':2,'input_tokens_details':{'a':3},"
                    + "'cached_tokens':4,'output_tokens':10}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "7",
        "'x'",
        "[]",
        "{}",
        "{'tokens':null}",
        "{'tier':'a'}",
        "{'a':1,'a':2}",
        "{'a':{'b':1,'b':1}}"
      })
  void whatIsNoUsageMakesTheWholeUnknown(String usage) {
    add(ONE, "{'tokens':1}");
    add(OTHER, usage);
    assertThat(json()).isEmpty();
  }

  @Test
  void anObjectOfMoreMembersThanAnyUsageHasIsNone() {
    String members =
        IntStream.range(0, 101).mapToObj(i -> "'m" + i + "':1").collect(Collectors.joining(","));
    add(ONE, "{" + members + "}");
    assertThat(json()).isEmpty();
  }

  @Test
  void withoutOneUsageTheWholeIsUnknown() {
    add(ONE, "{'tokens':1}");
    sum.add(OTHER, null);
    assertThat(json()).isEmpty();
  }

  private void add(Part part, String usage) {
    sum.add(part, Slice.of(Buffer.buffer(q(usage))));
  }

  private Optional<String> json() {
    return sum.json().map(json -> new String(json, UTF_8));
  }
}
