package dev.refrain.openai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.refrain.inference.CallContext;
import dev.refrain.inference.Cancellation;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Framing;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.Sharing;
import dev.refrain.inference.Split;
import dev.refrain.inference.fields.Scope;
import dev.refrain.openai.ModelRoute.Repetition;
import dev.refrain.openai.RequestSchema.Bounds;
import dev.refrain.openai.completions.Completions;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestReaderTest {
  private static final Duration QUICK = Duration.ofSeconds(20);

  @Test
  void readsWhatTheStagesNeedToKnow() {
    InferenceRequest request =
        ReaderFixture.read(
            q(
                "{'model':'m','prompt':['a','b'],'n':3,'stream':true,"
                    + "'stream_options':{'include_usage':true}}"));
    assertThat(request.id()).isEqualTo("id");
    assertThat(request.endpoint()).isEqualTo("/v1/completions");
    assertThat(request.model()).isEqualTo("m");
    assertThat(request.framing()).isEqualTo(Framing.STREAM);
    assertThat(request.usage()).isTrue();
    assertThat(request.elements()).isEqualTo(6);
  }

  @Test
  void theExampleOfThePublishedDescriptionIsAccepted() {
    InferenceRequest request =
        ReaderFixture.read(
            q(
                "{'model':'gpt-3.5-turbo-instruct','prompt':'Say this is a"
                    + " test','max_tokens':7,'temperature':0,'top_p':1,'n':1,'stream':false,'logprobs':null,'stop':'\\n"
                    + "'}"));
    assertThat(request.framing()).isEqualTo(Framing.WHOLE);
    assertThat(request.elements()).isEqualTo(1);
  }

  @Test
  void everyFieldMayBeSpelledAsAString() {
    String body =
        q(
            "{'model':'m','prompt':'p','max_tokens':'7','temperature':'0','top_p':'1.0','n':'2',"
                + "'stream':'false','logprobs':'','stop':''}");
    InferenceRequest request = ReaderFixture.read(body);
    assertThat(request.elements()).isEqualTo(2);
    assertThat(request.content().bytes(Framing.WHOLE, false).toString())
        .isEqualTo(
            q(
                "{'model':'m','prompt':'p','max_tokens':7,'temperature':0,'top_p':1.0,'n':2,"
                    + "'stream':false,'logprobs':null,'stop':''}"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'a'|1",
        "''|1",
        "['a','b','c']|3",
        "[1,2,3]|1",
        "[[1,2],[3]]|2",
        "null|1",
      })
  void eachTextAndEachListOfTokensIsAPromptOfItsOwn(String prompt, int prompts) {
    InferenceRequest request = ReaderFixture.with(q("'n':2,'prompt':" + prompt));
    assertThat(request.elements()).isEqualTo(2 * prompts);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'n':1",
        "'n':128",
        "'n':'128'",
        "'n':2.0",
        "'n':0.2e1",
        "'best_of':0",
        "'best_of':20",
        "'logprobs':0",
        "'logprobs':5",
        "'max_tokens':-1",
        "'max_tokens':'-1'",
        "'max_tokens':0",
        "'max_tokens':2147483647",
        "'max_tokens':0e999999999",
        "'max_tokens':0e-999999999",
        "'temperature':2",
        "'temperature':1e-999999999",
        "'temperature':0.00000000000000000000000000000000001",
        "'top_p':0",
        "'top_p':1",
        "'frequency_penalty':-2",
        "'presence_penalty':2.0",
        "'seed':9223372036854775807",
        "'seed':-9223372036854775808",
        "'seed':'9007199254740993'",
        "'logit_bias':{}",
        "'logit_bias':{'50256':-100,'1':100.0,'2':1e-999999999}",
        "'logit_bias':[]",
        "'logit_bias':[[50256,-100],['text',false]]",
        "'stop':['a','b','c','d']",
        "'stop':[]",
        "'suffix':''",
        "'user':'u'",
        "'echo':'true'",
      })
  void acceptsWhatIsWithinBounds(String members) {
    Assertions.assertTimeoutPreemptively(
        QUICK, () -> ReaderFixture.read(q("{'model':'m'," + members + "}")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'n':0|n: 0 (expected: 1 to 128)",
        "'n':129|n: 129 (expected: 1 to 128)",
        "'n':'129'|n: 129 (expected: 1 to 128)",
        "'n':-1|n: -1 (expected: 1 to 128)",
        "'n':1.5|n: must be an integer",
        "'n':'x'|n: must be an integer",
        "'n':' 1'|n: must be an integer",
        "'n':'+1'|n: must be an integer",
        "'n':'01'|n: must be an integer",
        "'n':'0x1'|n: must be an integer",
        "'n':'NaN'|n: must be an integer",
        "'n':'١'|n: must be an integer",
        "'n':true|n: must be an integer",
        "'n':[1]|n: must be an integer",
        "'n':{}|n: must be an integer",
        "'n':1e999999999|n: 1e999999999 (expected: 1 to 128)",
        "'n':1e9999999999999|n: must be an integer",
        "'best_of':21|best_of: 21 (expected: 0 to 20)",
        "'best_of':2,'n':3|best_of: 2 (expected: at least n, which is 3)",
        "'best_of':2,'stream':true|best_of: above n it cannot be streamed",
        "'logprobs':6|logprobs: 6 (expected: -1 to 5)",
        "'logprobs':-2|logprobs: -2 (expected: -1 to 5)",
        "'max_tokens':-2|max_tokens: -2 (expected: -1 to 2147483647)",
        "'max_tokens':2147483648|max_tokens: 2147483648 (expected: -1 to 2147483647)",
        "'temperature':-0.1|temperature: -0.1 (expected: 0 to 2)",
        "'temperature':2.0001|temperature: 2.0001 (expected: 0 to 2)",
        "'temperature':'hot'|temperature: must be a number",
        "'temperature':'Infinity'|temperature: must be a number",
        "'top_p':1.1|top_p: 1.1 (expected: 0 to 1)",
        "'frequency_penalty':-2.1|frequency_penalty: -2.1 (expected: -2 to 2)",
        "'presence_penalty':3|presence_penalty: 3 (expected: -2 to 2)",
        "'seed':1.5|seed: must be an integer",
        "'stream':1|stream: must be a boolean",
        "'stream':'yes'|stream: must be a boolean",
        "'stream':'True'|stream: must be a boolean",
        "'echo':[]|echo: must be a boolean",
        "'suffix':1|suffix: must be a string",
        "'user':{}|user: must be a string",
        "'stop':1|stop: must be a string or an array of strings",
        "'stop':[1]|stop: must be a string or an array of strings",
        "'stop':[null]|stop: must be a string or an array of strings",
        "'stop':['a','b','c','d','e']|stop: 5 sequences (expected: at most 4)",
        "'prompt':[]|prompt: must not be an empty array",
        "'prompt':[[]]|prompt: a token array must not be empty",
        "'prompt':[-1]|prompt: a token must not be negative",
        "'logit_bias':1|logit_bias: must be an object from token ids to numbers",
        "'logit_bias':{'1':'5'}|logit_bias: must be an object from token ids to numbers",
        "'logit_bias':{'1':101}|logit_bias: a bias is out of bounds (expected: -100 to 100)",
        "'logit_bias':{'1':1e999999999}|logit_bias: a bias is out of bounds (expected: -100 to"
            + " 100)",
        "'logit_bias':{'1':1e9999999999}|logit_bias: a bias is not a representable number",
        "'logit_bias':{'1':1,'1':1}|logit_bias: a token id is given twice",
        "'stream':true,'stream_options':[]|stream_options: must be an object",
        "'stream':true,'stream_options':'x'|stream_options: must be an object",
        "'stream':true,'stream_options':{'include_usage':1}|stream_options: must be a boolean",
        "'stream':true,'stream_options':{'include_usage':true,'include_usage':false}"
            + "|stream_options: include_usage is given twice",
        "'model':'x'|model: given twice",
        "'n':1,'\\u006e':2|n: given twice",
      })
  void refusesWhatHasNoMeaningAndNamesTheField(String members, String message) {
    Failure failure = ReaderFixture.refusedWith(q(members));
    assertThat(failure).hasMessage(message);
    assertThat(failure.param()).isEqualTo(message.substring(0, message.indexOf(':')));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "5",
        "true",
        "{}",
        "1.5",
        "[1,'a']",
        "['a',1]",
        "[[1],2]",
        "[1,[2]]",
        "[1.0]",
        "['a',null]",
        "[null]",
        "[[['a']]]",
        "[['a']]",
        "[{}]",
        "[true]",
        "[[1.5]]"
      })
  void aPromptOfAnotherShapeGoesUpstreamAlone(String prompt) {
    assertAlone("{'model':'m','prompt':" + prompt + ",'temperature':0}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'temperature':0}",
        "{'model':null,'temperature':0}",
        "{'model':'','prompt':['x','y'],'n':2,'temperature':'0'}",
        "{'model':5,'prompt':'x','temperature':0}",
        "{'model':{'a':[1]},'temperature':0}",
        "{'model':'m','logprobs':true,'temperature':0}",
        "{'prompt':{'prompt_string':'x','multimodal_data':['y']},'temperature':0}",
      })
  void whatOnlySomeServersUnderstandGoesUpstreamAloneAndUntouched(String body) {
    assertAlone(body);
  }

  private static void assertAlone(String json) {
    String body = q(json);
    InferenceRequest request = ReaderFixture.read(body);

    assertThat(request.sharing()).isEqualTo(new Sharing.Unshareable(Sharing.Reason.NOT_UNDERSTOOD));
    assertThat(request.split()).isSameAs(Split.NONE);
    assertThat(request.content().bytes(Framing.WHOLE, false)).hasToString(body);
    assertThat(request.content().bytes(Framing.STREAM, true)).hasToString(body);
  }

  @Test
  void aModelNoLongerThanAnyPathIsAccepted() {
    assertThat(ReaderFixture.read("{\"model\":\"" + "m".repeat(1024) + "\"}").model())
        .hasSize(1024);
    assertThat(ReaderFixture.refused("{\"model\":\"" + "m".repeat(1025) + "\"}"))
        .hasMessage("model: longer than 1024 characters");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "|not valid JSON",
        "[]|the body must be a JSON object",
        "null|the body must be a JSON object",
        "'x'|the body must be a JSON object",
        "{'model':'m'|not valid JSON at byte 12",
        "{'model':'m',}|not valid JSON at byte",
        "{'model':'m' 'n':1}|not valid JSON at byte",
        "{'model':'m','secret':tru}|not valid JSON at byte",
        "{'model':'m','x':NaN}|not valid JSON at byte",
        "{'model':'m','x':01}|not valid JSON at byte",
        "{'model':'m','x':.5}|not valid JSON at byte",
        "{'model':'m','x':+5}|not valid JSON at byte",
        "{'model':'m','x':'\\x'}|not valid JSON at byte",
        "{model:'m'}|not valid JSON at byte",
        "{'model':'m'}{}|bytes after the end of the JSON object",
        "{'model':'m'} x|bytes after the end of the JSON object",
        "{'model':'m'} /* */|bytes after the end of the JSON object",
        "{'secret':1,'secret':2,'model':'m'}|a field is given twice",
      })
  void refusesWhatIsNotOneJsonObjectAndQuotesNothing(String body, String message) {
    String json = body == null ? "" : q(body);
    Failure failure = ReaderFixture.refused(json);
    assertThat(failure.getMessage()).startsWith(message).doesNotContain("secret", "-1");
    assertThat(failure.param()).isNull();
    assertThat(failure.getCause()).isNull();
  }

  @Test
  void aRawControlCharacterInAStringIsNoJson() {
    assertThat(ReaderFixture.refused("{\"model\":\"a\nb\"}"))
        .hasMessageContaining("not valid JSON");
  }

  @Test
  void whereAKnownFieldIsNoJsonItIsNamed() {
    assertThat(ReaderFixture.refused("{\"model\":\"m\",\"temperature\":NaN}").param())
        .isEqualTo("temperature");
    assertThat(ReaderFixture.refused("{\"model\":\"m\" \"temperature\":0}").param()).isNull();
  }

  @Test
  void otherEncodingsAreRefused() {
    String body = "{\"model\":\"m\"}";
    for (String charset : new String[] {"UTF-16", "UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE"}) {
      byte[] bytes = body.getBytes(java.nio.charset.Charset.forName(charset));
      assertThat(ReaderFixture.refused(bytes).param()).as(charset).isNull();
    }
    assertThat(ReaderFixture.refused("\ufeff" + body)).hasMessageStartingWith("not valid JSON");
  }

  @Test
  void brokenUtf8IsRefusedWithItsPlace() {
    byte[] bytes = "{\"model\":\"m?\"}".getBytes(UTF_8);
    bytes[11] = (byte) 0xC3;
    assertThat(ReaderFixture.refused(bytes))
        .hasMessage("the body is not UTF-8 at byte 11 (RFC 8259 §8.1)");
  }

  @Test
  void halfAPairInANameIsPartOfTheName() {
    Sharing whole = ReaderFixture.sharing("\"\\ud83d\":1");

    assertThat(ReaderFixture.sharing("\"\\uD83D\":1")).isEqualTo(whole);
    assertThat(ReaderFixture.sharing("\"\\ude00\":1")).isNotEqualTo(whole);
  }

  @Test
  void namesThatCollideAreReadLikeOthers() {
    StringBuilder members = new StringBuilder();
    for (int i = 0; i < 1 << 14; i++) { // of one String.hashCode()
      members.append('"');
      for (int bit = 0; bit < 14; bit++) {
        members.append((i >> bit & 1) == 0 ? "Aa" : "BB");
      }
      members.append("\":1,");
    }

    ReaderFixture.with("\"x\":{" + members + "\"y\":1}");
    assertThat(ReaderFixture.refusedWith(members + "\"y\":1")).hasMessage("more than 256 members");
  }

  @Test
  void aLongNumberIsNotShown() {
    assertThat(ReaderFixture.refusedWith("\"n\":" + "9".repeat(90)))
        .hasMessage("n: out of bounds (expected: 1 to 128)");
  }

  @Test
  void aDepthOfAHundredIsEnough() {
    ReaderFixture.read("{\"model\":\"m\",\"x\":" + "[".repeat(99) + "]".repeat(99) + "}");
    assertThat(ReaderFixture.refusedWith("\"x\":" + "[".repeat(100) + "]".repeat(100)))
        .hasMessage("a value nested too deep, or a name or a number too long");
  }

  @Test
  void namesAndNumbersWithoutEndAreRefusedUnseen() {
    String message = "a value nested too deep, or a name or a number too long";
    assertThat(ReaderFixture.refusedWith("\"" + "x".repeat(5000) + "\":1")).hasMessage(message);
    assertThat(ReaderFixture.refusedWith("\"x\":{\"" + "x".repeat(5000) + "\":1}"))
        .hasMessage(message);
    assertThat(ReaderFixture.refusedWith("\"x\":" + "1".repeat(5000))).hasMessage(message);
  }

  @Test
  void moreChoicesThanThePublishedLimitsAllowAreRefused() {
    String prompts = "\"prompt\":[" + "\"\",".repeat(2047) + "\"\"]";
    assertThat(ReaderFixture.with("\"n\":128," + prompts).elements()).isEqualTo(262_144);
    String more = "\"prompt\":[" + "\"\",".repeat(2048) + "\"\"]";
    assertThat(ReaderFixture.refusedWith("\"n\":128," + more))
        .hasMessage("n: 262272 choices (expected: at most 262144)");
    String most = "\"prompt\":[" + "\"\",".repeat(262_144) + "\"\"]";
    assertThat(ReaderFixture.refusedWith(most))
        .hasMessage("prompt: too many (expected: at most 262144)");
  }

  @Test
  void moreNamesThanAVocabularyHasAreRefused() {
    String many =
        IntStream.range(0, 270_000)
            .mapToObj(i -> "\"" + i + "\":1")
            .collect(Collectors.joining(","));
    String message = "more than 262144 names in one body";
    assertThat(ReaderFixture.refused("{" + many + "}")).hasMessage("more than 256 members");
    assertThat(ReaderFixture.refused("{\"x\":{" + many + "}}")).hasMessage(message);
    assertThat(ReaderFixture.refused("{\"logit_bias\":{" + many + "}}").param())
        .isEqualTo("logit_bias");
  }

  @Test
  void manySpelledFlagsCostNoMoreThanTheyWeigh() {
    String members = "\"include_usage\":\"true\",".repeat(300_000);
    String body = "{\"model\":\"m\",\"stream\":true,\"stream_options\":{" + members + "\"a\":1}}";
    Assertions.assertTimeoutPreemptively(QUICK, () -> ReaderFixture.refused(body));
  }

  @Test
  void longNumbersAndDeepObjectsCostNoMoreThanTheyWeigh() {
    String number = "1" + "0".repeat(990) + "e-9";
    String numbers = ("," + number).repeat(4000).substring(1);
    String deep = "{\"b\":".repeat(90) + "\"" + "x".repeat(1 << 20) + "\"" + ",\"a\":1}".repeat(90);
    Assertions.assertTimeoutPreemptively(
        QUICK, () -> ReaderFixture.with("\"x\":[" + numbers + "],\"y\":" + deep));
  }

  @Test
  void aModelNobodyServesIsTheRoutesToRefuse() {
    RequestReader reader =
        new RequestReader(
            Completions.DEFINITION,
            Bounds.PUBLISHED,
            Repetition.REPLICATE,
            model -> {
              throw Failure.noSuchModel(model);
            },
            true);
    Failure failure =
        catchThrowableOfType(
            Failure.class,
            () ->
                reader.read(
                    new CallContext("i", ReaderFixture.headers()),
                    "/v1/completions",
                    Scope.of(ReaderFixture.headers()),
                    Buffer.buffer(q("{'model':'m'}")),
                    new Cancellation()));
    assertThat(failure.kind()).isEqualTo(Failure.Kind.NO_SUCH_MODEL);
  }

  private static String q(String json) {
    return json.replace('\'', '"');
  }

  @Test
  void thatACallIsStatefulIsSaidBeforeAnyOtherReasonForItMustNotBeRepeated() {
    Sharing.Unshareable stateful = new Sharing.Unshareable(Sharing.Reason.STATEFUL);
    assertThat(ReaderFixture.sharing("\"store\":true", "Cache-Control", "no-store"))
        .isEqualTo(stateful);
    assertThat(ReaderFixture.sharing("\"store\":true")).isEqualTo(stateful);
  }
}
