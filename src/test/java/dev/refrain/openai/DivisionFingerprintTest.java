package dev.refrain.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.completion.CompletionRequest;
import dev.refrain.completion.Fingerprint;
import dev.refrain.completion.Sharing;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class DivisionFingerprintTest {
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
    CompletionRequest request = Dividing.split().read(zero(members));
    List<Fingerprint> expected =
        List.of(alone.split("~")).stream()
            .map(single -> Reading.fingerprint(Dividing.quoted(single)))
            .toList();
    assertThat(Dividing.fingerprints(request)).isEqualTo(expected);
  }

  @Test
  void aTextIsNotTheTokenOfItsSpelling() {
    List<Fingerprint> texts =
        Dividing.fingerprints(Dividing.split().read(zero("'prompt':['1','2']")));
    List<Fingerprint> tokens =
        Dividing.fingerprints(Dividing.split().read(zero("'prompt':[[1],[2]]")));
    assertThat(texts).doesNotContainAnyElementsOf(tokens);
  }

  @Test
  void eachSampleWithoutASeedHasAFingerprintOfItsOwn() {
    Dividing each = Dividing.by(Route.Mode.SPLIT, Repetition.EACH);
    List<Fingerprint> parts = Dividing.fingerprints(each.read(zero("'prompt':['a','b'],'n':3")));
    assertThat(parts).hasSize(6).doesNotHaveDuplicates();
    assertThat(parts.get(0)).isEqualTo(Reading.fingerprint("\"prompt\":\"a\""));
    assertThat(parts.get(3)).isEqualTo(Reading.fingerprint("\"prompt\":\"b\""));
    assertThat(Dividing.fingerprints(each.read(zero("'prompt':'a','n':2"))))
        .isEqualTo(parts.subList(0, 2));
  }

  @Test
  void aSampleWithASeedIsTheCallWithThatSeed() {
    Dividing each = Dividing.by(Route.Mode.SPLIT, Repetition.EACH);
    assertThat(Dividing.fingerprints(each.read(zero("'prompt':'a','n':3,'seed':9"))))
        .containsExactly(
            Reading.fingerprint("\"prompt\":\"a\",\"seed\":9"),
            Reading.fingerprint("\"prompt\":\"a\",\"seed\":10"),
            Reading.fingerprint("\"prompt\":\"a\",\"seed\":11"));
  }

  @Test
  void inOneCallForAllASampleIsNotTheCallWithTheNextSeed() {
    Dividing together = Dividing.by(Route.Mode.NATIVE, Repetition.EACH);
    List<Fingerprint> parts =
        Dividing.fingerprints(together.read(zero("'prompt':'a','n':3,'seed':9")));
    assertThat(parts).hasSize(3).doesNotHaveDuplicates();
    assertThat(parts.get(0)).isEqualTo(Reading.fingerprint("\"prompt\":\"a\",\"seed\":9"));
    assertThat(parts).doesNotContain(Reading.fingerprint("\"prompt\":\"a\",\"seed\":10"));
  }

  @Test
  void forcedSamplesAreKeptEachAlone() {
    String[] force = {"X-Refrain-Cache", "force"};
    List<Fingerprint> parts =
        Dividing.fingerprints(
            Dividing.split().read("{'model':'m','prompt':'a','n':3,'temperature':1}", force));
    assertThat(parts).hasSize(3).doesNotHaveDuplicates();
    assertThat(parts.get(0))
        .isEqualTo(
            Reading.fingerprint(
                Reading.read(
                    Dividing.quoted("{'model':'m','prompt':'a','temperature':1}"), force)));
  }

  @ParameterizedTest
  @EnumSource(Repetition.class)
  void theWholeIsNoneOfItsParts(Repetition repetition) {
    CompletionRequest whole =
        Dividing.by(Route.Mode.NATIVE, repetition).read(zero("'prompt':['a','b'],'n':2"));
    assertThat(Dividing.fingerprints(whole)).doesNotContain(Reading.fingerprint(whole));
  }

  @Test
  void howManyAreAskedForInOneCallIsPartOfWhatItIs() {
    Dividing together = Dividing.by(Route.Mode.SPLIT, Repetition.NATIVE);
    assertThat(Dividing.fingerprints(together.read(zero("'prompt':['a','b'],'n':2"))))
        .doesNotContainAnyElementsOf(
            Dividing.fingerprints(together.read(zero("'prompt':['a','b'],'n':3"))))
        .containsExactly(
            Reading.fingerprint(together.read(zero("'prompt':'a','n':2"))),
            Reading.fingerprint(together.read(zero("'prompt':'b','n':2"))));
  }

  @Test
  void partsAreOfTheScopeOfTheWhole() {
    CompletionRequest one =
        Dividing.split().read(zero("'prompt':['a','b']"), "Authorization", "Bearer x");
    assertThat(Dividing.fingerprints(one))
        .doesNotContainAnyElementsOf(
            Dividing.fingerprints(Dividing.split().read(zero("'prompt':['a','b']"))));
    assertThat(Dividing.parts(one))
        .extracting(part -> ((Sharing.Shareable) part.request().sharing()).scope())
        .containsOnly(((Sharing.Shareable) one.sharing()).scope());
  }

  private static String zero(String members) {
    return "{'model':'m','temperature':0," + members + "}";
  }
}
