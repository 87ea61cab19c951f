package dev.refrain.openai;

import static dev.refrain.openai.MergeFixture.answer;
import static dev.refrain.openai.MergeFixture.merged;
import static dev.refrain.openai.MergeFixture.part;
import static dev.refrain.openai.MergeFixture.q;
import static dev.refrain.openai.MergeFixture.single;
import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.inference.Part;
import dev.refrain.json.Member;
import dev.refrain.json.Slice;
import dev.refrain.openai.AnswerScan.WholeProof;
import dev.refrain.openai.completions.Completions;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Repetitions are seeds: a failure names the one to run again. */
class WholeMergeTest {
  private static final String PLAIN = "{'choices':[{'index':0}]}";

  @Test
  void answersAsOpenAiGivesThemBecomeOne() {
    String one =
        "{'id':'cmpl-1','object':'text_completion','created':1686617332,'model':'m',"
            + "'system_fingerprint':'fp_1','choices':[{'text':'é','index':0,'logprobs':null,"
            + "'finish_reason':'stop'}],"
            + "'usage':{'prompt_tokens':5,'completion_tokens':7,'total_tokens':12}}\n";
    String two =
        "{'id':'cmpl-2','object':'text_completion','created':1686617333,'model':'m',"
            + "'system_fingerprint':'fp_2','choices':[{'text':'\\u00e9','index':0,'logprobs':null,"
            + "'finish_reason':'length'}],"
            + "'usage':{'prompt_tokens':6,'completion_tokens':8,'total_tokens':14}}\n";

    assertThat(merged(answer(single(0), one), answer(single(1), two)))
        .hasValue(
            q(
                "{'id':'cmpl-1','object':'text_completion','created':1686617332,'model':'m',"
                    + "'system_fingerprint':'fp_1','choices':[{'text':'é','index':0,"
                    + "'logprobs':null,'finish_reason':'stop'},{'text':'\\u00e9','index':1,"
                    + "'logprobs':null,'finish_reason':'length'}],"
                    + "'usage':{'prompt_tokens':11,'completion_tokens':15,'total_tokens':26}}\n"));
  }

  @Test
  void unknownMembersNumbersAndSpacesOfAChoiceStay() {
    String one =
        "{\n  'choices' : [\n    { 'index' : 0, 'stop_reason':null }\n  ],\n  'kv' : 1.50\n}";
    String two = "{'choices':[ {'score': -1E400 ,'token_ids':[ 1,2 ], 'index' :0 ,'x':{} } ]}";

    assertThat(merged(answer(single(0), one), answer(single(1), two)))
        .hasValue(
            q(
                "{\n  'choices' : [\n    { 'index' : 0, 'stop_reason':null },"
                    + "{'score': -1E400 ,'token_ids':[ 1,2 ], 'index' :1 ,'x':{} }\n  ],\n"
                    + "  'kv' : 1.50\n}"));
  }

  @Test
  void onlyTheIndexOfTheChoiceItselfIsEdited() {
    String body =
        "{'choices':[{'logprobs':{'index':0,'tokens':['index']},'text':'\\'index\\':0','inde\\u0078':0}]}";

    assertThat(merged(answer(single(0), PLAIN), answer(single(1), body)))
        .hasValue(
            q(
                "{'choices':[{'index':0},{'logprobs':{'index':0,'tokens':['index']},"
                    + "'text':'\\'index\\':0','inde\\u0078':1}]}"));
  }

  @Test
  void aChoiceWithoutAnIndexIsGivenOne() {
    String tgi = "{'choices':[ { 'text':'a'}]}";
    String empty = "{'choices':[{ }]}";

    assertThat(merged(answer(single(0), tgi), answer(single(1), empty), answer(single(2), tgi)))
        .hasValue(q("{'choices':[ {'index':0, 'text':'a'},{'index':1 },{'index':2, 'text':'a'}]}"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "7", "null", "'0'", "0.0", "-1"})
  void theIndexOfASingleChoiceIsOfNoConsequence(String index) {
    String body = "{'choices':[{'index':" + index + "}]}";
    assertThat(merged(answer(single(0), PLAIN), answer(single(1), body)))
        .hasValue(q("{'choices':[{'index':0},{'index':1}]}"));
  }

  @Test
  void choicesOfOnePartAreSortedAndCopiesFollowThem() {
    String two = "{'choices':[{'index':1,'text':'b'} , {'index':0,'text':'a'}],'x':1}";
    assertThat(merged(answer(part(2, 0, 0, 2), two), answer(part(1, 1, 4, 2), PLAIN)))
        .hasValue(
            q(
                "{'choices':[{'index':0,'text':'a'},{'index':1,'text':'b'},"
                    + "{'index':2,'text':'a'},{'index':3,'text':'b'},{'index':4},{'index':5}],'x':1}"));
  }

  @Test
  void theInputIsCountedOnceAGroupAndTheOutputForEachCopy() {
    String usage =
        "{'choices':[{}],'usage':{'prompt_tokens':10,'completion_tokens':3,'total_tokens':13}}";
    assertThat(
            merged(
                answer(part(1, 0, 0, 1), usage),
                answer(part(1, 0, 1, 1), usage),
                answer(part(1, 1, 2, 4), usage)))
        .hasValueSatisfying(
            merged ->
                assertThat(merged)
                    .endsWith(
                        q(
                            "'usage':{'prompt_tokens':20,'completion_tokens':18,'total_tokens':38}}")));
  }

  @Test
  void usageInFrontOfTheChoicesIsReplacedThere() {
    String body = "{'usage' : {'prompt_tokens':1}, 'choices':[{'index':0}]}";
    assertThat(merged(answer(single(0), body), answer(single(1), body)))
        .hasValue(q("{'usage' : {'prompt_tokens':2}, 'choices':[{'index':0},{'index':1}]}"));
  }

  @Test
  void withoutTheUsageOfOnePartThereIsNone() {
    String with = "{'usage':{'prompt_tokens':1},'choices':[{'index':0}],'x':1}";
    String nothing = "{'choices':[{'index':0}],'usage':null}";

    assertThat(merged(answer(single(0), with), answer(single(1), nothing)))
        .hasValue(q("{'choices':[{'index':0},{'index':1}],'x':1}"));
    assertThat(merged(answer(single(0), nothing), answer(single(1), with)))
        .hasValue(q("{'choices':[{'index':0},{'index':1}],'usage':null}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "not json",
        "[]",
        "{}",
        "{'choices':null}",
        "{'choices':[]}",
        "{'choices':[{'index':0},{'index':1}]}",
        "{'choices':[{'index':0}]}}",
        "{'choices':[1]}",
        "{'choices':[{'index':0}],'error':{'message':'m'}}",
        "{'error':'overloaded','error_type':'overloaded'}",
        "{'object':'error','message':'m','choices':[{}]}"
      })
  void whatIsNotAnAnswerOfOneChoiceIsNotMerged(String body) {
    assertThat(merged(answer(single(0), PLAIN), answer(single(1), body))).isEmpty();
    assertThat(merged(answer(single(0), body), answer(single(1), PLAIN))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'choices':[{'index':0}]}",
        "{'choices':[{'index':0},{'index':0}]}",
        "{'choices':[{'index':1},{'index':2}]}",
        "{'choices':[{'index':0},{}]}",
        "{'choices':[{'index':0},{'index':'1'}]}",
        "{'choices':[{'index':0},{'index':1},{'index':2}]}",
      })
  void whatHasOtherChoicesThanItsPartIsNotMerged(String body) {
    assertThat(merged(answer(part(2, 0, 0, 1), body))).isEmpty();
  }

  @Test
  void theAnswersThemselvesStayAsTheyWere() {
    Part.Answer one = answer(part(1, 0, 0, 3), PLAIN);
    merged(one);
    assertThat(one.body().toString()).isEqualTo(q(PLAIN));
    assertThat(one.body().length()).isEqualTo(PLAIN.length());
  }

  @RepeatedTest(50)
  void eachChoiceIsTheOneOfItsPartButForItsIndex(RepetitionInfo repetition) throws IOException {
    Random random = new Random(repetition.getCurrentRepetition());
    RandomAnswer answers = new RandomAnswer(random);
    List<Part.Answer> parts = new ArrayList<>();
    List<String> expected = new ArrayList<>();
    int first = 0;
    for (int group = 0; group < 1 + random.nextInt(4); group++) {
      Part part = part(1 + random.nextInt(3), group, first, 1 + random.nextInt(3));
      int choices = part.request().elements();
      String body = answers.body(choices, Answers.USAGE);
      parts.add(new Part.Answer(part, Buffer.buffer(body)));
      for (int copy = 0; copy < part.copies(); copy++) {
        choices(body).forEach(choice -> expected.add(withoutIndex(choice)));
      }
      first += choices * part.copies();
    }
    Buffer merged = Completions.LANGUAGE.merge(parts).orElseThrow();
    List<Slice> choices = choices(merged.toString());

    assertThat(choices.stream().map(WholeMergeTest::withoutIndex)).isEqualTo(expected);
    for (int index = 0; index < choices.size(); index++) {
      assertThat(Member.find(choices.get(index).members(), "index").value().text())
          .isEqualTo(String.valueOf(index));
    }
    assertThat(WholeProof.of(Answers.SHAPE, merged, first).complete()).isTrue();
    assertThat(around(merged.toString())).isEqualTo(around(parts.get(0).body().toString()));
  }

  private static List<Slice> choices(String body) throws IOException {
    return Member.find(Slice.of(Buffer.buffer(body)).members(), "choices").value().elements();
  }

  /** A choice, its index left out. */
  private static String withoutIndex(Slice choice) {
    try {
      Slice index = Member.find(choice.members(), "index").value();
      return new Slice(choice.bytes(), choice.from(), index.from()).text()
          + new Slice(choice.bytes(), index.to(), choice.to()).text();
    } catch (IOException broken) {
      throw new AssertionError(broken);
    }
  }

  /** The document, what differs left out. */
  private static String around(String body) throws IOException {
    List<Member> members = Slice.of(Buffer.buffer(body)).members();
    StringBuilder around = new StringBuilder(body);
    String choices = Member.find(members, "choices").value().inside().text();
    String usage = Member.find(members, "usage").value().text();
    around.delete(around.indexOf(usage), around.indexOf(usage) + usage.length());
    around.delete(around.indexOf(choices), around.indexOf(choices) + choices.length());
    return around.toString();
  }
}
