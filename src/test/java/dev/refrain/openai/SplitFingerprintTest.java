package dev.refrain.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.Sharing;
import dev.refrain.openai.ModelRoute.Repetition;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SplitFingerprintTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'prompt':['a','b']|'prompt':'a'~'prompt':['b']",
        "'prompt':[ '\\u0061' , 'é\\n' ]|'prompt':'a'~'prompt':'\\u00e9\\u000a'",
        "'prompt':[[1,2],[3]]|'prompt':[1,2]~'prompt':[[3]]",
        "'prompt':['1','1']|'prompt':'1'~'prompt':'1'",
        "'prompt':['a','b'],'n':4|'prompt':'a'~'prompt':'b'",
        "'n':4|'n':1",
        "'prompt':['a'],'n':4|'prompt':'a'",
        "'prompt':'a','n':4,'best_of':4|'prompt':'a','best_of':1",
        "'prompt':['a','b'],'best_of':1|'prompt':'a','best_of':1~'prompt':'b','best_of':1",
        "'prompt':['a','b'],'seed':5,'z':1,'a':2|'z':1,'a':2,'prompt':'a','seed':5~'z':1,'a':2,'prompt':'b','seed':5",
        "'prompt':['a','b'],'best_of':3|'prompt':'a','best_of':3~'prompt':'b','best_of':3",
        "'prompt':['a','b'],'best_of':3,'n':2|'prompt':'a','best_of':3,'n':2~'prompt':'b','best_of':3,'n':2",
        "'prompt':['a','b'],'rid':'r'|'prompt':'a'~'prompt':'b'",
      })
  void aPartHasTheFingerprintOfTheSameCallMadeAlone(String members, String alone) {
    InferenceRequest request = SplitFixture.split().read(zero(members));
    List<Fingerprint> expected =
        List.of(alone.split("~")).stream()
            .map(single -> ReaderFixture.fingerprint(SplitFixture.quoted(single)))
            .toList();
    assertThat(SplitFixture.fingerprints(request)).isEqualTo(expected);
  }

  @Test
  void aTextIsNotTheTokenOfItsSpelling() {
    List<Fingerprint> texts =
        SplitFixture.fingerprints(SplitFixture.split().read(zero("'prompt':['1','2']")));
    List<Fingerprint> tokens =
        SplitFixture.fingerprints(SplitFixture.split().read(zero("'prompt':[[1],[2]]")));
    assertThat(texts).doesNotContainAnyElementsOf(tokens);
  }

  @Test
  void eachSampleWithoutASeedHasAFingerprintOfItsOwn() {
    SplitFixture each = SplitFixture.by(ModelRoute.Mode.SPLIT, Repetition.EACH);
    List<Fingerprint> parts =
        SplitFixture.fingerprints(each.read(zero("'prompt':['a','b'],'n':3")));
    assertThat(parts).hasSize(6).doesNotHaveDuplicates();
    assertThat(parts.get(0)).isEqualTo(ReaderFixture.fingerprint("\"prompt\":\"a\""));
    assertThat(parts.get(3)).isEqualTo(ReaderFixture.fingerprint("\"prompt\":\"b\""));
    assertThat(SplitFixture.fingerprints(each.read(zero("'prompt':'a','n':2"))))
        .isEqualTo(parts.subList(0, 2));
  }

  @Test
  void aSampleWithASeedIsTheCallWithThatSeed() {
    SplitFixture each = SplitFixture.by(ModelRoute.Mode.SPLIT, Repetition.EACH);
    assertThat(SplitFixture.fingerprints(each.read(zero("'prompt':'a','n':3,'seed':9"))))
        .containsExactly(
            ReaderFixture.fingerprint("\"prompt\":\"a\",\"seed\":9"),
            ReaderFixture.fingerprint("\"prompt\":\"a\",\"seed\":10"),
            ReaderFixture.fingerprint("\"prompt\":\"a\",\"seed\":11"));
  }

  @Test
  void inOneCallForAllASampleIsNotTheCallWithTheNextSeed() {
    SplitFixture together = SplitFixture.by(ModelRoute.Mode.NATIVE, Repetition.EACH);
    List<Fingerprint> parts =
        SplitFixture.fingerprints(together.read(zero("'prompt':'a','n':3,'seed':9")));
    assertThat(parts).hasSize(3).doesNotHaveDuplicates();
    assertThat(parts.get(0)).isEqualTo(ReaderFixture.fingerprint("\"prompt\":\"a\",\"seed\":9"));
    assertThat(parts).doesNotContain(ReaderFixture.fingerprint("\"prompt\":\"a\",\"seed\":10"));
  }

  @Test
  void forcedSamplesAreKeptEachAlone() {
    String[] force = {"X-Refrain-Cache", "force"};
    List<Fingerprint> parts =
        SplitFixture.fingerprints(
            SplitFixture.split().read("{'model':'m','prompt':'a','n':3,'temperature':1}"));
    assertThat(parts).hasSize(3).doesNotHaveDuplicates();
    assertThat(parts.get(0))
        .isEqualTo(
            ReaderFixture.fingerprint(
                ReaderFixture.read(
                    SplitFixture.quoted("{'model':'m','prompt':'a','temperature':1}"), force)));
  }

  @ParameterizedTest
  @EnumSource(Repetition.class)
  void theWholeIsNoneOfItsParts(Repetition repetition) {
    InferenceRequest whole =
        SplitFixture.by(ModelRoute.Mode.NATIVE, repetition).read(zero("'prompt':['a','b'],'n':2"));
    assertThat(SplitFixture.fingerprints(whole)).doesNotContain(ReaderFixture.fingerprint(whole));
  }

  @Test
  void howManyAreAskedForInOneCallIsPartOfWhatItIs() {
    SplitFixture together = SplitFixture.by(ModelRoute.Mode.SPLIT, Repetition.NATIVE);
    assertThat(SplitFixture.fingerprints(together.read(zero("'prompt':['a','b'],'n':2"))))
        .doesNotContainAnyElementsOf(
            SplitFixture.fingerprints(together.read(zero("'prompt':['a','b'],'n':3"))))
        .containsExactly(
            ReaderFixture.fingerprint(together.read(zero("'prompt':'a','n':2"))),
            ReaderFixture.fingerprint(together.read(zero("'prompt':'b','n':2"))));
  }

  @Test
  void partsAreOfTheScopeOfTheWhole() {
    InferenceRequest one =
        SplitFixture.split().read(zero("'prompt':['a','b']"), "Authorization", "Bearer x");
    assertThat(SplitFixture.fingerprints(one))
        .doesNotContainAnyElementsOf(
            SplitFixture.fingerprints(SplitFixture.split().read(zero("'prompt':['a','b']"))));
    assertThat(SplitFixture.parts(one))
        .extracting(part -> ((Sharing.Shareable) part.request().sharing()).scope())
        .containsOnly(((Sharing.Shareable) one.sharing()).scope());
  }

  private static String zero(String members) {
    return "{'model':'m','temperature':0," + members + "}";
  }
}
