package dev.refrain.openai;

import static dev.refrain.openai.Answers.frames;
import static dev.refrain.openai.Answers.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.inference.Frame;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FoldTest {
  private static final String END = "{'choices':[],'usage':{'total_tokens':1}}";

  @Test
  void aStreamBecomesTheBodyItsServerWouldHaveSent() {
    assertFolds(
        "{'id':'c','object':'text_completion','created':7,'model':'m','choices':["
            + "{'text':'Hello','index':0,'logprobs':{'tokens':['Hel','lo'],"
            + "'token_logprobs':[null,-0.10],'top_logprobs':[{'Hel':-1,'Hel':-1.0},{'lo':-1e-2}],"
            + "'text_offset':[0,3]},'finish_reason':'stop','stop_reason':null},"
            + "{'text':'x','index':1,'logprobs':null,'finish_reason':'length','stop_reason':9}],"
            + "'usage':{'total_tokens':1}}",
        "{'id':'c','object':'text_completion','created':7,'model':'m','choices':["
            + "{'text':'Hel','index':0,'logprobs':{'tokens':['Hel'],'token_logprobs':[null],"
            + "'top_logprobs':[{'Hel':-1,'Hel':-1.0}],'text_offset':[0]},"
            + "'finish_reason':null,'stop_reason':null}],'usage':null}",
        "{'id':'c','object':'text_completion','created':8,'model':'m','choices':["
            + "{'text':'x','index':1,'logprobs':null,'finish_reason':'length','stop_reason':9},"
            + "{'text':'lo','index':0,'logprobs':{'tokens':['lo'],'token_logprobs':[-0.10],"
            + "'top_logprobs':[{'lo':-1e-2}],'text_offset':[3]},'finish_reason':'stop'}]}",
        "{'id':'c','object':'text_completion','created':9,'model':'m',"
            + "'choices':[],'usage':{'total_tokens':1}}");
  }

  /**
   * As llama.cpp writes it: usage and timings beside the last choice, logprobs of another shape.
   */
  @Test
  void usageAndWhatElseIsSaidOnceMayStandBesideTheLastChoice() {
    String name = "'created':7,'model':'smollm2','object':'text_completion'";
    String paris = "{'id':7042,'token':' Paris','bytes':[32],'logprob':-0.25889989733695984}";
    String dot = "{'id':30,'token':'.','bytes':[46],'logprob':-0.3981500566005707}";
    String usage = "'usage':{'completion_tokens':2,'prompt_tokens':5,'total_tokens':7}";
    String timings = "'timings':{'cache_n':0,'predicted_ms':2383.624}";
    assertFolds(
        "{'choices':[{'text':' Paris.','index':0,'logprobs':{'content':["
            + (paris + "," + dot + "]},'finish_reason':'length'}],")
            + (name + ",'id':'c'," + timings + "," + usage + "}"),
        "{'choices':[{'text':' Paris','index':0,'logprobs':{'content':["
            + (paris + "]},'finish_reason':null}]," + name + ",'id':'c'}"),
        "{'choices':[{'text':'.','index':0,'logprobs':{'content':["
            + (dot + "]},'finish_reason':null}]," + name + ",'id':'c'}"),
        "{'choices':[{'text':'','index':0,'logprobs':null,'finish_reason':'length'}],"
            + (name + "," + usage + ",'id':'c'," + timings + "}"));
  }

  /** As Azure writes it: before the answer a chunk about the prompt, in an empty envelope. */
  @Test
  void theEnvelopeIsTheFirstThatSaysAnything() {
    String filter = "'prompt_filter_results':[{'prompt_index':0}]";
    String envelope = "'id':'c','object':'text_completion','created':7,'model':'m'";
    assertFolds(
        "{%s,'choices':[{'text':'a','index':0}],%s,'usage':{'total_tokens':1}}"
            .formatted(envelope, filter),
        "{'id':'','object':'','created':0,'model':'','choices':[]," + filter + "}",
        "{" + envelope + ",'choices':[{'text':'a','index':0}]}",
        "{" + envelope.replace('7', '8') + ",'choices':[],'usage':{'total_tokens':1}}");
    assertFolds(
        "{'id':'','choices':[],'usage':{'total_tokens':1}}",
        "{'id':'','choices':[]}",
        "{'id':'','choices':[],'usage':{'total_tokens':1}}");
  }

  @Test
  void choicesAreSortedAsNumbers() {
    assertThat(
            fold("{'choices':[{'index':10},{'index':9},{'index':2}]}", END)
                .toString()
                .replace('"', '\''))
        .isEqualTo("{'choices':[{'index':2},{'index':9},{'index':10}],'usage':{'total_tokens':1}}");
  }

  @Test
  void bytesAreCopiedNotUnderstood() {
    String body = fold(choice("'text':'\\ud83d'"), choice("'text':'\\udE00\\/é'"), END).toString();
    assertThat(body).contains("\"text\":\"\\ud83d\\udE00\\/é\"");
    body = fold("{'choices':[],'x':9007199254740993.000,'y':-0E+1}", END).toString();
    assertThat(body).contains("\"x\":9007199254740993.000,\"y\":-0E+1");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'text':'a'         | 'text':'b'         | 'text':'ab'",
        "'text':''          | 'text':'b'         | 'text':'b'",
        "'text':null        | 'text':'b'         | 'text':'b'",
        "'text':5           | 'text':null        | 'text':5",
        "'token_ids':[1, 2] | 'token_ids':[ 3 ]  | 'token_ids':[1, 2,3]",
        "'token_ids':[ ]    | 'token_ids':[3]    | 'token_ids':[3]",
        "'token_ids':[]     | 'token_ids':[]     | 'token_ids':[]",
        "'stop_reason':'x'  | 'stop_reason':null | 'stop_reason':'x'",
        "'finish_reason':'a'| 'finish_reason':'b'| 'finish_reason':'b'",
        "'prompt_logprobs':[null,{'1':{}}] | 'prompt_logprobs':null |"
            + " 'prompt_logprobs':[null,{'1':{}}]",
        "'prompt_token_ids':[1] | 'text':'a'     | 'prompt_token_ids':[1],'text':'a'",
        "'logprobs':null    | 'logprobs':{'tokens':['a']} | 'logprobs':{'tokens':['a']}",
        "'logprobs':null    | 'logprobs':null    | 'logprobs':null",
        "'logprobs':{'content':[{'token':'a'}],'x':null} |"
            + " 'logprobs':{'content':[{'token':'b'}],'x':null} |"
            + " 'logprobs':{'content':[{'token':'a'},{'token':'b'}],'x':null}",
        "'logprobs':{'a':{'b':[1],'c':'k'}} | 'logprobs':{'a':{'b':[2],'c':'k'}} |"
            + " 'logprobs':{'a':{'b':[1,2],'c':'k'}}",
        "'mystery':1        | 'mystery':1        | 'mystery':1",
        "'mystery':1        | 'text':'a'         | 'mystery':1,'text':'a'",
      })
  void piecesOfAChoiceAreJoinedByTheirMeaning(String one, String two, String both) {
    assertFolds(
        "{'choices':[{'index':0," + both + "}],'usage':{'total_tokens':1}}",
        choice(one),
        choice(two),
        END);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'mystery':1     | 'mystery':2",
        "'mystery':[1]   | 'mystery':[2]",
        "'text':'a'      | 'text':5",
        "'logprobs':[1]  | 'logprobs':{'tokens':[]}",
        "'logprobs':{'tokens':['a'],'text_offset':[0]} |"
            + " 'logprobs':{'tokens':['b'],'text_offset':null}",
        "'logprobs':{'tokens':['a'],'text_offset':[0]} | 'logprobs':{'tokens':['b']}",
        "'logprobs':{'tokens':'a'} | 'logprobs':{'tokens':'b'}",
        "'text':'a','text':'b' | 'text':'c'",
        "'text':'a'      | 'index':0,'text':'b'",
      })
  void contradictionsHaveNoBody(String one, String two) {
    assertDoesNotFold(choice(one), choice(two), END);
  }

  @Test
  void whatServersAddToTheAnswerIsKept() {
    assertFolds(
        "{'choices':[],'filters':[1],'timings':{'ms':1},'usage':{'total_tokens':1}}",
        "{'choices':[],'filters':[1],'obfuscation':'aqZ'}",
        "{'choices':[],'timings':{'ms':1},'obfuscation':'u'}",
        "{'choices':[],'filters':null,'obfuscation':'u'}",
        END);
  }

  @Test
  void theLastUsageCounts() {
    assertFolds(
        "{'choices':[],'usage':{'total_tokens':1}}",
        "{'usage':{'total_tokens':0},'choices':[]}",
        END,
        "{'usage':null,'choices':[]}");
  }

  @Test
  void withoutUsageThereIsNoBody() {
    assertDoesNotFold(choice("'text':'a'"));
    assertDoesNotFold(choice("'text':'a'"), "{'choices':[],'usage':null}");
    assertDoesNotFold();
  }

  @Test
  void whatIsNoChunkHasNoBody() {
    assertDoesNotFold("{'usage':{}}");
    assertDoesNotFold("{'choices':null,'usage':{}}");
    assertDoesNotFold("{'choices':{},'usage':{}}");
    assertDoesNotFold("{'choices':[1],'usage':{}}");
    assertDoesNotFold("{'choices':[{'text':'a'}],'usage':{}}");
    assertDoesNotFold("{'choices':[{'index':'0'}],'usage':{}}");
    assertDoesNotFold("{'choices':[{'index':0.5}],'usage':{}}");
    assertDoesNotFold("{'mystery':1,'choices':[],'usage':{}}", "{'mystery':2,'choices':[]}");
    assertDoesNotFold("{'id':1,'id':1,'choices':[],'usage':{}}");
    assertDoesNotFold("{'choices':[],'usage':{}", END);
    assertDoesNotFold("[]");
    assertDoesNotFold("");
  }

  @Test
  void nestingHasABound() {
    String deep = "{'a':".repeat(600) + "1" + "}".repeat(600);
    assertDoesNotFold(choice("'logprobs':" + deep), choice("'logprobs':" + deep), END);
  }

  private static void assertFolds(String body, String... chunks) {
    Buffer folded = fold(chunks);
    assertThat(folded.toString().replace('"', '\'')).isEqualTo(body);
    assertThat(json(folded).isObject()).isTrue();
  }

  private static void assertDoesNotFold(String... chunks) {
    assertThat(Fold.of(Answers.SHAPE, chunks(chunks))).isEmpty();
  }

  private static Buffer fold(String... chunks) {
    return Fold.of(Answers.SHAPE, chunks(chunks)).orElseThrow();
  }

  private static List<Frame> chunks(String... chunks) {
    return frames(String.join("\n", chunks).replace('\'', '"').split("\n"));
  }

  private static String choice(String members) {
    return "{'choices':[{'index':0," + members + "}]}";
  }
}
