package dev.refrain.openai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.refrain.json.Json;
import dev.refrain.json.Member;
import dev.refrain.json.Slice;
import dev.refrain.json.Slice.Span;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Repetitions are seeds: a failure names the one to run again. */
class AnswerLayoutTest {
  private static final String MUTANTS = "{}[]:,\"\\/ \t\n\r\f\u0000\u0001\u007f0129-+.eEutfnabx'é";

  @Test
  void everyPlaceIsFound() throws IOException {
    String json =
        q("{ 'id' : 'x', 'choices':[ {'text':'a', 'index' : 3 }, {} ], 'usage':{'a':1} }");
    AnswerLayout layout = layout(json);

    assertThat(at(json, layout.id())).isEqualTo("\"x\"");
    assertThat(at(json, layout.array())).isEqualTo(q("[ {'text':'a', 'index' : 3 }, {} ]"));
    assertThat(at(json, layout.usage())).isEqualTo(q("{'a':1}"));
    assertThat(at(json, layout.usageCut())).isEqualTo(q(", 'usage':{'a':1}"));
    assertThat(layout.choices()).extracting(Choice::number).containsExactly(3, -1);
    assertThat(at(json, layout.choices().get(0).place())).isEqualTo("3");
    assertThat(at(json, layout.choices().get(1).place())).isEmpty();
    assertThat(layout.error()).isFalse();
  }

  @Test
  void aNameIsTheSameHoweverItIsEscaped() throws IOException {
    String json = q("{'\\u0069d':'x','c\\u0068oices':[{'inde\\u0078':1}],'\\u0075sage':{}}");
    AnswerLayout layout = layout(json);

    assertThat(at(json, layout.id())).isEqualTo("\"x\"");
    assertThat(at(json, layout.usage())).isEqualTo("{}");
    assertThat(layout.choices()).extracting(Choice::number).containsExactly(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'idx':1,'i':2,'Id':3,'id\\u0000':4,'':5,'indéx':6,'id\\n':7}",
        "{'choices':[{'logprobs':{'index':1,'tokens':[{'index':2}]}}],'x':{'id':'y','usage':{}}}",
        "{'choices':[{'text':',\\'index\\':5'}],'a':'\\'id\\':\\'x\\'','b':['id','usage']}",
        "{'id':null,'choices':null,'usage':null,'error':null}",
        "{'id':'','object':'errors'}",
        "{'id':17}",
      })
  void whatOnlyLooksLikeAPlaceIsNone(String quoted) throws IOException {
    AnswerLayout layout = layout(q(quoted));

    assertThat(layout.id()).isNull();
    assertThat(layout.usage()).isNull();
    assertThat(layout.error()).isFalse();
    assertThat(layout.choices())
        .allSatisfy(choice -> assertThat(choice.spelling()).isNotEqualTo(Choice.Spelling.VALUE));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'error':{'message':'m'}}",
        "{'error':'m','error_type':'t'}",
        "{'choices':[],'error':false}",
        "{'object':'error','message':'m'}",
        "{'\\u0065rror':{}}",
      })
  void anErrorIsSeenInAllItsForms(String json) throws IOException {
    assertThat(layout(q(json)).error()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'usage':{}} | {}",
        "{ 'usage':{} } | {  }",
        "{'usage':{} , 'a':1} | {'a':1}",
        "{'a':1 , 'usage' : {}} | {'a':1}",
        "{'a':1,'usage':{},'b':2} | {'a':1,'b':2}",
        "{'a':1,'usage':7 ,'b':2} | {'a':1 ,'b':2}",
      })
  void theCutLeavesAnObjectWithoutTheUsage(String with, String without) throws IOException {
    String json = q(with);
    Span cut = layout(json).usageCut();
    assertThat(json.substring(0, cut.from()) + json.substring(cut.to())).isEqualTo(q(without));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0 | 0",
        "12 | 12",
        "999999999 | 999999999",
        "1000000000 | -1",
        "-0 | -1",
        "-1 | -1",
        "1.0 | -1",
        "1e0 | -1",
        "\"1\" | -1",
        "null | -1",
        "{} | -1"
      })
  void anIndexCountsIfItIsWrittenAsOne(String literal, int number) throws IOException {
    Choice choice = layout("{\"choices\":[{\"index\":" + literal + "}]}").choices().get(0);
    assertThat(choice.number()).isEqualTo(number);
    assertThat(choice.spelling()).isEqualTo(Choice.Spelling.VALUE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'id':'a','id':'b'}",
        "{'choices':[],'choices':[]}",
        "{'usage':{},'usage':{}}",
        "{'choices':[{'index':0,'index':1}]}",
        "{'choices':[{'index':0,'\\u0069ndex':0}]}",
        "{'choices':{}}",
        "{'choices':'a'}",
        "{'choices':[1]}",
        "{'choices':[null]}",
        "{'choices':[[]]}",
      })
  void whatSaysTwoThingsOrIsNoAnswerIsRefused(String json) {
    assertThatThrownBy(() -> layout(q(json))).isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "x",
        "[]",
        "{",
        "{}x",
        "{}{}",
        "{,}",
        "{'a'}",
        "{'a':}",
        "{'a':1,}",
        "{'a':01}",
        "{'a':-}",
        "{'a':1.}",
        "{'a':.1}",
        "{'a':+1}",
        "{'a':1e}",
        "{'a':1e+}",
        "{'a':0x1}",
        "{'a':NaNs}",
        "{'a':-NaN}",
        "{'a':Inf}",
        "{'a':-Infinit}",
        "{'a':tru}",
        "{'a':truee}",
        "{'a':nul",
        "{'a':'\\x'}",
        "{'a':'\\u12g4'}",
        "{'a':'\\u12",
        "{'a':'\t'}",
        "{'a':'",
        "{'a':'\\",
        "{'a':[1 2]}",
        "{'a':[1,]}",
        "{'a':[}]}",
        "{'a':{]}}",
        "{a:1}",
        "{'a':1}}",
        "{'a':1 'b':2}",
        "\uFEFF{}",
        "{'a':\u00a01}",
        "{1:1}"
      })
  void whatIsNotJsonIsRefusedAsJacksonDoes(String quoted) {
    byte[] json = q(quoted).getBytes(UTF_8);
    assertThat(Json.isObject(json, 0, json.length)).isFalse();
    assertThatThrownBy(() -> AnswerLayout.of(Answers.SHAPE, json, 0, json.length))
        .isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"NaN", "Infinity", "-Infinity"})
  void aNumberThatPythonWritesAndJsonDoesNotKnowIsPassedOver(String number) throws IOException {
    byte[] json = q("{'choices':[{'index':1,'logprobs':" + number + "}]}").getBytes(UTF_8);
    assertThat(Places.of(AnswerLayout.of(Answers.SHAPE, json, 0, json.length)))
        .isEqualTo(Places.byJackson(json));
  }

  @Test
  void nestingIsBoundedAsItIsForJackson() {
    for (int depth = 497; depth < 503; depth++) {
      String json = "{\"a\":" + "[".repeat(depth) + "]".repeat(depth) + "}";
      byte[] bytes = json.getBytes(UTF_8);
      assertThat(isOutline(bytes)).as("depth %d", depth).isEqualTo(isReadable(bytes));
    }
  }

  @Test
  void onlyTheGivenBytesAreRead() throws IOException {
    byte[] bytes = q("}}{'id':'x'}]'").getBytes(UTF_8);
    assertThat(AnswerLayout.of(Answers.SHAPE, bytes, 2, 12).id()).isEqualTo(new Span(8, 11));
    for (int to = 2; to < 12; to++) {
      int end = to;
      assertThatThrownBy(() -> AnswerLayout.of(Answers.SHAPE, bytes, 2, end))
          .isInstanceOf(IOException.class);
    }
  }

  @RepeatedTest(50)
  void anAnswerHasThePlacesThatJacksonFinds(RepetitionInfo repetition) throws IOException {
    Random random = new Random(repetition.getCurrentRepetition());
    byte[] answer = answer(random);
    assertThat(Places.of(AnswerLayout.of(Answers.SHAPE, answer, 0, answer.length)))
        .isEqualTo(Places.byJackson(answer));
  }

  @RepeatedTest(50)
  void aDamagedAnswerIsReadAsJacksonReadsItOrNotAtAll(RepetitionInfo repetition)
      throws IOException {
    Random random = new Random(repetition.getCurrentRepetition());
    byte[] answer = answer(random);
    for (int damages = 0; damages < 50; damages++) {
      byte[] damaged = damaged(answer, random);
      boolean readable = isReadable(damaged);
      assertThat(isOutline(damaged)).as(new String(damaged, UTF_8)).isEqualTo(readable);
      if (readable) {
        assertThat(Places.of(AnswerLayout.of(Answers.SHAPE, damaged, 0, damaged.length)))
            .isEqualTo(Places.byJackson(damaged));
      }
    }
  }

  @RepeatedTest(20)
  void noBytesMakeItThrowAnythingElse(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    byte[] answer = answer(random);
    for (int damages = 0; damages < 200; damages++) {
      byte[] damaged = Arrays.copyOf(answer, random.nextInt(answer.length + 1));
      for (int edits = damaged.length == 0 ? 0 : random.nextInt(3); edits > 0; edits--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      assertThatCode(() -> isOutline(damaged)).doesNotThrowAnyException();
    }
  }

  private static byte[] answer(Random random) {
    RandomAnswer answer = new RandomAnswer(random);
    return answer
        .body(random.nextInt(4), random.nextBoolean() ? Answers.USAGE : "null")
        .getBytes(UTF_8);
  }

  private static byte[] damaged(byte[] answer, Random random) {
    StringBuilder text = new StringBuilder(new String(answer, UTF_8));
    for (int edits = 1 + random.nextInt(2); edits > 0; edits--) {
      int at = random.nextInt(text.length());
      char mutant = MUTANTS.charAt(random.nextInt(MUTANTS.length()));
      switch (random.nextInt(3)) {
        case 0 -> text.setCharAt(at, mutant);
        case 1 -> text.insert(at, mutant);
        default -> text.deleteCharAt(at);
      }
    }
    return text.toString().getBytes(UTF_8);
  }

  private static boolean isOutline(byte[] json) {
    try {
      AnswerLayout.of(Answers.SHAPE, json, 0, json.length);
      return true;
    } catch (IOException refused) {
      return false;
    }
  }

  private static boolean isReadable(byte[] json) {
    try {
      Places.byJackson(json);
      return true;
    } catch (IOException refused) {
      return false;
    }
  }

  private static AnswerLayout layout(String json) throws IOException {
    byte[] bytes = json.getBytes(UTF_8);
    return AnswerLayout.of(Answers.SHAPE, bytes, 0, bytes.length);
  }

  private static String at(String json, Span span) {
    return json.substring(span.from(), span.to());
  }

  private static String q(String text) {
    return text.replace('\'', '"');
  }

  /** An outline as Jackson would draw it. */
  private record Places(Span id, Span array, Span usage, List<Span> choices, List<Span> indexes) {
    static Places of(AnswerLayout layout) {
      List<Span> choices = new ArrayList<>();
      List<Span> indexes = new ArrayList<>();
      for (Choice choice : layout.choices()) {
        choices.add(new Span(choice.from(), choice.to()));
        boolean given = choice.spelling() == Choice.Spelling.VALUE;
        indexes.add(given ? choice.place() : null);
      }
      return new Places(layout.id(), layout.array(), layout.usage(), choices, indexes);
    }

    static Places byJackson(byte[] json) throws IOException {
      List<Member> members = new Slice(json, 0, json.length).members();
      Slice id = only(members, "id");
      Slice array = only(members, "choices");
      List<Span> choices = new ArrayList<>();
      List<Span> indexes = new ArrayList<>();
      if (array != null) {
        for (Slice choice : array.elements()) {
          choices.add(span(choice));
          indexes.add(span(index(choice.members())));
        }
      }
      Slice named = id != null && id.isString() && !id.isHollow() ? id : null;
      return new Places(span(named), span(array), span(only(members, "usage")), choices, indexes);
    }

    private static Slice index(List<Member> choice) throws IOException {
      if (choice.stream().filter(member -> member.name().equals("index")).count() > 1) {
        throw new IOException("twice");
      }
      Member index = Member.find(choice, "index");
      return index == null ? null : index.value();
    }

    private static Slice only(List<Member> members, String name) throws IOException {
      Slice found = null;
      for (Member member : members) {
        boolean counts = member.name().equals(name) && !member.value().isNull();
        if (counts && found != null) {
          throw new IOException("twice");
        }
        found = counts ? member.value() : found;
      }
      return found;
    }

    private static Span span(Slice slice) {
      return slice == null ? null : new Span(slice.from(), slice.to());
    }
  }
}
