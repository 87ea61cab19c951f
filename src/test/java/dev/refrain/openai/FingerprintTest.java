package dev.refrain.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.inference.CallContext;
import dev.refrain.inference.Cancellation;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.Sharing;
import dev.refrain.inference.Sharing.Reason;
import dev.refrain.inference.Sharing.Unshareable;
import dev.refrain.inference.fields.Scope;
import dev.refrain.openai.ModelRoute.Repetition;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FingerprintTest {
  private static final List<String> CREDENTIALS =
      List.of(
          "authorization",
          "api-key",
          "x-api-key",
          "ocp-apim-subscription-key",
          "x-goog-api-key",
          "openai-organization",
          "openai-project",
          "cookie",
          "cf-aig-authorization");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'stream':true",
        "'stream':false",
        "'stream':'true'",
        "'stream':true,'stream_options':{'include_usage':true}",
        "'n':1",
        "'n':'1'",
        "'n':null",
        "'user':'u'",
        "'safety_identifier':'x'",
        "'metadata':{'a':'b'}",
        "'prompt_cache_key':'k'",
        "'prompt_cache_retention':'24h'",
        "'service_tier':'flex'",
        "'priority':3",
        "'request_id':'r'",
        "'rid':'r'",
        "'custom_labels':{}",
        "'sse_ping_interval':5",
        "'store':false",
        "'store':null",
        "'suffix':null",
        "'seed':''",
        "'echo':''",
        "'logit_bias':null",
        "'stop':null",
        "'stop':[]",
        "'top_k':null",
        "'logprobs':null",
        "'seed':null,'best_of':null,'echo':null,'top_p':null",
        "'prompt':null",
      })
  void whatCannotChangeTheAnswerStaysOut(String members) {
    assertThat(of(members)).isEqualTo(of(""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'prompt':'x'",
        "'prompt':''",
        "'suffix':''",
        "'max_tokens':16",
        "'max_tokens':null",
        "'max_tokens':''",
        "'max_completion_tokens':null",
        "'n_predict':null",
        "'unheard_of':null",
        "'top_p':1",
        "'n':2",
        "'best_of':1",
        "'logprobs':0",
        "'seed':0",
        "'frequency_penalty':0",
        "'presence_penalty':0",
        "'logit_bias':{}",
        "'logit_bias':{'1':5}",
        "'stop':'x'",
        "'echo':false",
        "'top_k':1",
        "'guided_json':{}",
        "'anything':[null]",
        "'':1",
        "'cache_salt':'s'",
        "'extra_key':'s'",
      })
  void whatMayChangeTheAnswerGoesIn(String members) {
    assertThat(of(members)).isNotEqualTo(of(""));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'prompt':'x'|'prompt':['x']",
        "'prompt':[1]|'prompt':[[1]]",
        "'prompt':[1,20]|'prompt':[[ 1, 20 ]]",
        "'stop':'x'|'stop':['x']",
        "'max_tokens':16|'max_tokens':'16'",
        "'max_tokens':16|'max_tokens':16.0",
        "'max_tokens':16|'max_tokens':1.6e1",
        "'top_p':0.5|'top_p':'5e-1'",
        "'echo':true|'echo':'true'",
        "'logprobs':null|'logprobs':''",
        "'seed':-0|'seed':0",
        "'a':1,'b':2|'b':2,'a':1",
        "'a':{'x':1,'y':2}|'a':{'y':2,'x':1}",
        "'logit_bias':{'1':5,'2':-1.0}|'logit_bias':{'2':-1,'1':5.00}",
        "'prompt':'é'|'prompt':'\\u00e9'",
      })
  void theSameCallInTwoSpellingsIsOne(String one, String other) {
    assertThat(of(one)).isEqualTo(of(other));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'prompt':'1'|'prompt':[1]",
        "'prompt':['1']|'prompt':[[1]]",
        "'prompt':['a','b']|'prompt':['b','a']",
        "'prompt':['a','b']|'prompt':['ab']",
        "'prompt':['a,b']|'prompt':['a','b']",
        "'prompt':[1,2]|'prompt':[[1],[2]]",
        "'prompt':[12]|'prompt':[1,2]",
        "'stop':['a','b']|'stop':['b','a']",
        "'seed':9007199254740993|'seed':9007199254740992",
        "'seed':1|'seed':-1",
        "'a':1|'b':1",
        "'a':'1'|'a':1",
        "'a':1,'b':2|'a':2,'b':1",
        "'cache_salt':'x'|'extra_key':'x'",
        "'suffix':'x'|'prompt':'x'",
        "'g':{'const':null}|'g':{}",
        "'logit_bias':{'1':5}|'logit_bias':{'1':-5}",
        "'logit_bias':[[1,5]]|'logit_bias':[[1,-5]]",
        "'max_tokens':-1|'a':null",
        "'logit_bias':{'12':5}|'logit_bias':{'1':25}",
        "'prompt':'\\ud800'|'prompt':'?'",
        "'n':2|'n':3",
      })
  void twoCallsAreTwo(String one, String other) {
    assertThat(of(one)).isNotEqualTo(of(other));
  }

  @Test
  void zeroIsZeroHoweverItIsWritten() {
    List<Fingerprint> fingerprints = new ArrayList<>();
    for (String zero : List.of("0", "0.0", "-0", "0e7", "'0'", "'0.00'", "'-0E1'")) {
      fingerprints.add(
          ReaderFixture.fingerprint(
              ReaderFixture.read(q("{'model':'m','temperature':" + zero + "}"))));
    }
    assertThat(fingerprints).containsOnly(of(""));
  }

  @Test
  void theModelGoesIn() {
    assertThat(ReaderFixture.fingerprint(ReaderFixture.read(q("{'model':'M','temperature':0}"))))
        .isNotEqualTo(of(""));
  }

  @ParameterizedTest
  @CsvSource({
    "Authorization, Bearer a",
    "authorization, bearer a",
    "OpenAI-Organization, o",
    "OpenAI-Project, p",
    "api-key, k",
    "X-Api-Key, k",
    "Ocp-Apim-Subscription-Key, k",
    "X-Goog-Api-Key, k",
  })
  void whoAsksGoesIn(String header, String value) {
    assertThat(of("", header, value)).isNotEqualTo(of("")).isEqualTo(of("", header, value));
    assertThat(of("", header, value)).isNotEqualTo(of("", header, value + "b"));
  }

  @Test
  void noPartOfTheScopeIsTakenForAnother() {
    List<Fingerprint> all = new ArrayList<>();
    for (String name : CREDENTIALS) {
      all.add(of("", name, "x"));
    }
    assertThat(all).hasSizeGreaterThan(6).doesNotHaveDuplicates();
  }

  @Test
  void ofTwoCredentialsBothCount() {
    assertThat(of("", "authorization", "a", "authorization", "b"))
        .isNotEqualTo(of("", "authorization", "a"))
        .isNotEqualTo(of("", "authorization", "b"));
  }

  @Test
  void aTenantIsAScopeOfItsOwnWhateverCallersSend() {
    List<Fingerprint> all = new ArrayList<>(List.of(Scope.of(ReaderFixture.headers()).digest()));
    for (String tenant : List.of("a", "b", "a\nb")) {
      all.add(Scope.of(tenant, ReaderFixture.headers()).digest());
      all.add(Scope.of(tenant, ReaderFixture.headers("OpenAI-Project", "p")).digest());
    }
    for (String header : CREDENTIALS) {
      all.add(Scope.of(ReaderFixture.headers(header, "a")).digest());
      all.add(Scope.of(ReaderFixture.headers(header, "tenant a")).digest());
    }
    assertThat(all).doesNotHaveDuplicates();
    assertThat(Scope.of("a", ReaderFixture.headers()))
        .isEqualTo(Scope.of("a", ReaderFixture.headers()));
  }

  @Test
  void whoAsksIsWhoTheReaderIsTold() {
    Buffer body = Buffer.buffer(q("{'model':'m','temperature':0,'n':2}"));
    Fingerprint one =
        ReaderFixture.fingerprint(asked(Scope.of("a", ReaderFixture.headers()), body));
    assertThat(one)
        .isEqualTo(ReaderFixture.fingerprint(asked(Scope.of("a", ReaderFixture.headers()), body)))
        .isNotEqualTo(
            ReaderFixture.fingerprint(asked(Scope.of("b", ReaderFixture.headers()), body)))
        .isNotEqualTo(ReaderFixture.fingerprint(asked(Scope.of(ReaderFixture.headers()), body)));
    assertThat(part(Scope.of("a", ReaderFixture.headers()), body))
        .isNotEqualTo(part(Scope.of("b", ReaderFixture.headers()), body));
  }

  private static Fingerprint part(Scope scope, Buffer body) {
    InferenceRequest whole = asked(scope, body);
    return ReaderFixture.fingerprint(whole.split().part(whole, 0, new Cancellation()).request());
  }

  private static InferenceRequest asked(Scope scope, Buffer body) {
    return ReaderFixture.reader("http://a")
        .read(
            new CallContext("i", ReaderFixture.headers()),
            "/v1/completions",
            scope,
            body,
            new Cancellation());
  }

  @Test
  void otherHeadersStayOut() {
    assertThat(of("", "User-Agent", "x", "X-Request-Id", "y", "Cache-Control", "no-cache"))
        .isEqualTo(of(""));
  }

  @Test
  void whereItIsAskedGoesIn() {
    Buffer body = Buffer.buffer(q("{'model':'m','temperature':0}"));
    Fingerprint there =
        ReaderFixture.fingerprint(ReaderFixture.read(ReaderFixture.reader("http://b"), body));
    assertThat(there).isNotEqualTo(of(""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'store':true",
        "'kv_transfer_params':{}",
        "'bootstrap_room':1",
        "'bootstrap_anything':'x'",
        "'session_id':'s'",
        "'session_params':{}",
        "'id_slot':0",
        "'routed_dp_rank':0",
        "'data_parallel_rank':0",
        "'return_hidden_states':true",
        "'return_progress':true",
        "'timings_per_token':true",
        "'t_max_predict_ms':5",
      })
  void whatHasAStateAtTheServerIsAlone(String members) {
    assertThat(ReaderFixture.sharing(q(members))).isEqualTo(new Unshareable(Reason.STATEFUL));
    assertThat(ReaderFixture.sharing(q(members), "X-Refrain-Cache", "force"))
        .isEqualTo(new Unshareable(Reason.STATEFUL));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ",'temperature':1",
        ",'temperature':1e-300",
        ",'temperature':null",
        ",'temperature':''"
      })
  void whatIsNotDeterministicIsAloneUnlessForced(String temperature) {
    String body = q("{'model':'m'" + temperature + "}");
    assertThat(ReaderFixture.read(body).sharing()).isEqualTo(new Unshareable(Reason.SAMPLED));
    assertThat(ReaderFixture.read(body, "x-refrain-cache", "Force").sharing())
        .isInstanceOf(Sharing.Shareable.class);
  }

  @Test
  void aForcedCallIsNotTheDeterministicOne() {
    assertThat(
            ReaderFixture.fingerprint(
                ReaderFixture.read(q("{'model':'m'}"), "x-refrain-cache", "force")))
        .isNotEqualTo(of(""));
  }

  @Test
  void noStoreIsAloneEvenIfForced() {
    assertThat(
            ReaderFixture.sharing(
                "", "Cache-Control", "max-age=5, No-Store", "X-Refrain-Cache", "force"))
        .isEqualTo(new Unshareable(Reason.NO_STORE));
  }

  @Test
  void nothingIsSharedWhereCachingIsOff() {
    RequestReader off =
        ReaderFixture.reader(
            new ModelRoute("", ModelRoute.Mode.SPLIT), Repetition.REPLICATE, false);
    Buffer body = Buffer.buffer(q("{'model':'m','temperature':0}"));
    assertThat(ReaderFixture.read(off, body).sharing()).isEqualTo(new Unshareable(Reason.DISABLED));
  }

  @Test
  void oneReaderForgetsOneRequestBeforeTheNext() {
    Fingerprint before = of("'prompt':'a'");
    of("'prompt':'" + "long ".repeat(400_000) + "'");
    ReaderFixture.refused(q("{'model':'m','prompt':'a','stop':5}"));
    assertThat(of("'prompt':'a'")).isEqualTo(before);
  }

  private static Fingerprint of(String members, String... headers) {
    return ReaderFixture.fingerprint(q(members), headers);
  }

  private static String q(String json) {
    return json.replace('\'', '"');
  }
}
