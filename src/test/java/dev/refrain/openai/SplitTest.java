package dev.refrain.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.management.ThreadMXBean;
import dev.refrain.inference.CallContext;
import dev.refrain.inference.Cancellation;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Framing;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.Part;
import dev.refrain.inference.Sharing;
import dev.refrain.inference.Split;
import dev.refrain.inference.fields.Scope;
import dev.refrain.openai.ModelRoute.Repetition;
import dev.refrain.openai.RequestSchema.Bounds;
import dev.refrain.openai.completions.Completions;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SplitTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'model':'m'}",
        "{'model':'m','n':1}",
        "{'model':'m','n':'1','best_of':1,'seed':4}",
        "{'model':'m','n':null,'prompt':null}",
        "{'model':'m','prompt':'a'}",
        "{'model':'m','prompt':['a'],'n':1}",
        "{'model':'m','prompt':[1,2,3]}",
        "{'model':'m','prompt':[[1,2,3]]}",
        "{'model':'m','prompt':'a','best_of':3}",
        "{'model':'m','prompt':'a','temperature':0,'stream':true}",
      })
  void aRequestForOneChoiceIsOneCall(String body) {
    for (ModelRoute.Mode mode : ModelRoute.Mode.values()) {
      for (Repetition repetition : Repetition.values()) {
        assertThat(SplitFixture.by(mode, repetition).read(body).split()).isSameAs(Split.NONE);
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        // prompts, in their forms
        "{'model':'m','prompt':['a','b']}|{'model':'m','prompt':'a'}~{'model':'m','prompt':'b'}",
        "{'prompt':['a','b','c'],'model':'m'}"
            + "|{'prompt':'a','model':'m'}~{'prompt':'b','model':'m'}~{'prompt':'c','model':'m'}",
        "{'model':'m','prompt':[[1,2],[3]]}|{'model':'m','prompt':[1,2]}~{'model':'m','prompt':[3]}",
        "{'model':'m', 'prompt' : [ 'a' ,\t'[.]]' ] , 'x':[ 1 ]}|{'model':'m', 'prompt' : 'a' ,"
            + " 'x':[ 1 ]}~{'model':'m', 'prompt' : '[.]]' , 'x':[ 1 ]}",
        "{'prompt':[ [ 1, 2 ] , [3 ]],'model':'m'}"
            + "|{'prompt':[ 1, 2 ],'model':'m'}~{'prompt':[3 ],'model':'m'}",
        "{'prompt':['','\\u0041\\n\\\\','é🐎\\ud83d'],'model':'m'}"
            + "|{'prompt':'','model':'m'}~{'prompt':'\\u0041\\n\\\\','model':'m'}"
            + "~{'prompt':'é🐎\\ud83d','model':'m'}",
        "{'\\u0070rompt':['a','a'],'model':'m'}"
            + "|{'\\u0070rompt':'a','model':'m'}~{'\\u0070rompt':'a','model':'m'}",
        // samples
        "{'model':'m','prompt':'a','n':2}"
            + "|{'model':'m','prompt':'a','n':1}~{'model':'m','prompt':'a','n':1}",
        "{'model':'m','n':2}|{'model':'m','n':1}~{'model':'m','n':1}",
        "{'n':'2','model':'m','prompt':['a']}"
            + "|{'n':1,'model':'m','prompt':['a']}~{'n':1,'model':'m','prompt':['a']}",
        "{'n': 2.0 ,'prompt':[[5]],'model':'m'}"
            + "|{'n': 1 ,'prompt':[[5]],'model':'m'}~{'n': 1 ,'prompt':[[5]],'model':'m'}",
        "{'n':2,'best_of':2,'model':'m'}|{'n':1,'best_of':1,'model':'m'}~{'n':1,'best_of':1,'model':'m'}",
        "{'best_of':'2','model':'m','n':2}|{'best_of':1,'model':'m','n':1}~{'best_of':1,'model':'m','n':1}",
        "{'n':2,'best_of':0,'model':'m'}|{'n':1,'best_of':0,'model':'m'}~{'n':1,'best_of':0,'model':'m'}",
        // seeds
        "{'model':'m','n':3,'seed':7}"
            + "|{'model':'m','n':1,'seed':7}~{'model':'m','n':1,'seed':8}~{'model':'m','n':1,'seed':9}",
        "{'seed':'9','model':'m','n':2}|{'seed':9,'model':'m','n':1}~{'seed':10,'model':'m','n':1}",
        "{'seed':-1,'model':'m','n':2}|{'seed':-1,'model':'m','n':1}~{'seed':0,'model':'m','n':1}",
        "{'seed':9007199254740993,'model':'m','n':2}"
            + "|{'seed':9007199254740993,'model':'m','n':1}~{'seed':9007199254740994,'model':'m','n':1}",
        "{'seed':9223372036854775807,'model':'m','n':2}"
            + "|{'seed':9223372036854775807,'model':'m','n':1}"
            + "~{'seed':-9223372036854775808,'model':'m','n':1}",
        "{'seed':null,'model':'m','n':2}|{'seed':null,'model':'m','n':1}~{'seed':null,'model':'m','n':1}",
        "{'seed':'','model':'m','n':2}|{'seed':null,'model':'m','n':1}~{'seed':null,'model':'m','n':1}",
        // both
        "{'n':2,'prompt':['a','b'],'seed':1,'model':'m'}"
            + "|{'n':1,'prompt':'a','seed':1,'model':'m'}~{'n':1,'prompt':'a','seed':2,'model':'m'}"
            + "~{'n':1,'prompt':'b','seed':1,'model':'m'}~{'n':1,'prompt':'b','seed':2,'model':'m'}",
        // what else was spelled as a string
        "{'max_tokens':'5','prompt':['a','b'],'echo':'','model':'m'}"
            + "|{'max_tokens':5,'prompt':'a','echo':null,'model':'m'}"
            + "~{'max_tokens':5,'prompt':'b','echo':null,'model':'m'}",
        // names of the call
        "{'request_id':'r','rid':'','model':'m','n':2}"
            + "|{'request_id':'r-0','rid':'','model':'m','n':1}~{'request_id':'r-1','rid':'','model':'m','n':1}",
        "{'rid' : 'q\\u0022\\\\' ,'prompt':['a','b'],'model':'m'}"
            + "|{'rid' : 'q\\u0022\\\\-0' ,'prompt':'a','model':'m'}"
            + "~{'rid' : 'q\\u0022\\\\-1' ,'prompt':'b','model':'m'}",
      })
  void aPartAsksForOneChoiceAndEveryOtherByteStays(String body, String expected) {
    assertThat(SplitFixture.bodies(SplitFixture.split().read(body)))
        .containsExactly(SplitFixture.quoted(expected).split("~"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "STREAM|true|{'stream':true,'stream_options':{'include_usage':true},'prompt':'b','model':'m','n':1}",
        "STREAM|false|{'stream':true,'prompt':'b','model':'m','n':1}",
        "WHOLE|false|{'prompt':'b','model':'m','n':1}",
      })
  void aPartCanBeFramedOtherwise(Framing framing, boolean usage, String expected) {
    String body = "{'prompt':['a','b'],'model':'m','n':'2'}";
    Part last = SplitFixture.parts(SplitFixture.split().read(body)).get(3);
    assertThat(last.request().content().bytes(framing, usage).toString())
        .isEqualTo(SplitFixture.quoted(expected));
  }

  @Test
  void aPartOfAStreamIsAStreamWithTheSameUsage() {
    String body =
        "{'stream':'true','stream_options':{'include_usage':'true'},'model':'m','n':2,"
            + "'prompt':['a','b']}";
    assertThat(SplitFixture.bodies(SplitFixture.split().read(body)))
        .contains(
            SplitFixture.quoted(
                "{'stream':true,'stream_options':{'include_usage':true},'model':'m','n':1,"
                    + "'prompt':'b'}"));
    String whole =
        "{'stream':true,'stream_options':{'include_usage':true},'model':'m','prompt':['a','b']}";
    Part part = SplitFixture.parts(SplitFixture.split().read(whole)).get(1);
    assertThat(part.request().content().bytes(Framing.WHOLE, true).toString())
        .isEqualTo(
            SplitFixture.quoted("{'stream':false,'stream_options':null,'model':'m','prompt':'b'}"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        // sampled: every sample is a part
        "SPLIT|REPLICATE|'n':3|3|1|1",
        "SPLIT|EACH|'n':3,'temperature':1|3|1|1",
        "SPLIT|NATIVE|'n':3,'temperature':null|3|1|1",
        "AUTO|REPLICATE|'n':3,'prompt':['a','b']|6|1|1",
        // deterministic
        "SPLIT|REPLICATE|'n':3,'temperature':0|1|1|3",
        "AUTO|REPLICATE|'n':3,'temperature':'0.0','prompt':['a','b']|2|1|3",
        "SPLIT|EACH|'n':3,'temperature':0,'prompt':['a','b']|6|1|1",
        "SPLIT|NATIVE|'n':3,'temperature':0,'prompt':['a','b']|2|3|1",
        "AUTO|NATIVE|'n':3,'temperature':0,'prompt':['a','b']|2|3|1",
        "SPLIT|REPLICATE|'n':1,'temperature':0,'prompt':['a','b']|2|1|1",
        // drawn together
        "SPLIT|REPLICATE|'n':3,'best_of':4,'prompt':['a','b']|2|3|1",
        "SPLIT|EACH|'n':3,'best_of':4,'temperature':0,'prompt':['a','b']|2|3|1",
        "SPLIT|REPLICATE|'n':3,'use_beam_search':true,'temperature':0,'prompt':['a','b']|2|3|1",
        "SPLIT|REPLICATE|'n':3,'use_beam_search':false,'temperature':0,'prompt':['a','b']|2|1|3",
        "SPLIT|REPLICATE|'n':3,'use_beam_search':null,'temperature':0|1|1|3",
        "SPLIT|REPLICATE|'best_of':4,'prompt':['a','b']|2|1|1",
        "SPLIT|REPLICATE|'n':3,'best_of':3,'temperature':0|1|1|3",
        // one list a prompt, but none here
        "SPLIT|REPLICATE|'n':2,'cache_salt':'s','lora_path':'p','extra_key':null|2|1|1",
        // the upstream makes all of it: parts are for what is kept
        "NATIVE|REPLICATE|'n':3,'temperature':0|1|1|3",
        "NATIVE|EACH|'n':3,'temperature':0,'prompt':['a','b']|6|1|1",
        "NATIVE|NATIVE|'n':3,'temperature':0,'prompt':['a','b']|2|3|1",
        "NATIVE|EACH|'n':3,'temperature':0,'best_of':9,'prompt':['a','b']|2|3|1",
      })
  void everyChoiceHasItsPart(
      ModelRoute.Mode mode,
      Repetition repetition,
      String members,
      int parts,
      int elements,
      int copies) {
    InferenceRequest request =
        SplitFixture.by(mode, repetition).read("{'model':'m'," + members + "}");
    assertThat(SplitFixture.parts(request)).hasSize(parts);
    assertThat(request.split().asOne()).isEqualTo(mode == ModelRoute.Mode.NATIVE);
    assertThat(request.elements()).isEqualTo(parts * elements * copies);
    boolean[] covered = new boolean[request.elements()];
    int n = request.elements() / (members.contains("'b'") ? 2 : 1);
    for (Part part : SplitFixture.parts(request)) {
      assertThat(part.request().elements()).isEqualTo(elements);
      assertThat(part.copies()).isEqualTo(copies);
      assertThat(part.group()).isEqualTo(part.first() / n);
      mark(part, covered);
    }
    assertThat(covered).doesNotContain(false);
  }

  private static void mark(Part part, boolean[] covered) {
    for (int copy = 0; copy < part.copies(); copy++) {
      for (int choice = 0; choice < part.request().elements(); choice++) {
        assertThat(covered[part.index(choice, copy)]).isFalse();
        covered[part.index(choice, copy)] = true;
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "SPLIT|REPLICATE|'n':3,'best_of':4",
        "SPLIT|REPLICATE|'n':3,'use_beam_search':true",
        "SPLIT|NATIVE|'n':3,'temperature':0",
        "AUTO|REPLICATE|'n':3,'best_of':4,'prompt':['a','b']",
        "AUTO|EACH|'n':3,'use_beam_search':true,'prompt':['a','b'],'temperature':0",
        "NATIVE|REPLICATE|'n':3",
        "NATIVE|REPLICATE|'prompt':['a','b'],'temperature':1",
        "NATIVE|NATIVE|'n':3,'temperature':0",
        // nobody here knows what the parts would be
        "SPLIT|REPLICATE|'prompt':['a','b'],'prompt_embeds':['x']",
        "SPLIT|REPLICATE|'n':3,'prompt_embeds':'x'",
        "SPLIT|REPLICATE|'n':3,'n_cmpl':2",
        "SPLIT|REPLICATE|'prompt':['a','b'],'rid':['r','s']",
        "SPLIT|REPLICATE|'prompt':['a','b'],'lora_path':['r','s']",
        "SPLIT|REPLICATE|'prompt':['a','b'],'cache_salt':['r','s']",
        "SPLIT|REPLICATE|'prompt':['a','b'],'extra_key':['r','s']",
        // a state at the server
        "SPLIT|REPLICATE|'prompt':['a','b'],'n':2,'store':true",
        "SPLIT|REPLICATE|'n':2,'session_id':'s','temperature':0",
        "NATIVE|REPLICATE|'n':2,'id_slot':1,'temperature':0",
      })
  void whatCannotBeToldApartIsOneCall(ModelRoute.Mode mode, Repetition repetition, String members) {
    InferenceRequest request =
        SplitFixture.by(mode, repetition).readAsIs("{'model':'m'," + members + "}");
    assertThat(request.split()).isSameAs(Split.NONE);
    assertThat(request.elements()).isGreaterThan(1);
    assertThat(SplitFixture.body(request))
        .isEqualTo(SplitFixture.quoted("{'model':'m'," + members + "}"));
  }

  @ParameterizedTest
  @CsvSource({"no-store, NO_STORE", "max-age=1, SAMPLED"})
  void aPartIsAloneForTheReasonOfTheWhole(String control, Sharing.Reason reason) {
    InferenceRequest request =
        SplitFixture.split()
            .readAsIs("{'model':'m','n':2,'temperature':1}", "Cache-Control", control);
    assertThat(SplitFixture.parts(request))
        .extracting(part -> part.request().sharing())
        .containsOnly(new Sharing.Unshareable(reason))
        .hasSize(2);
  }

  @Test
  void everythingElseOfAPartIsTheWholes() {
    Cancellation cancellation = new Cancellation();
    InferenceRequest whole =
        SplitFixture.split()
            .read(
                "{'model':'m','n':2,'stream':true,'stream_options':{'include_usage':true}}",
                "Cache-Control",
                "only-if-cached",
                "X-A",
                "b");
    InferenceRequest part = whole.split().part(whole, 1, cancellation).request();
    assertThat(part.endpoint()).isEqualTo(whole.endpoint());
    assertThat(part.model()).isEqualTo("m");
    assertThat(part.framing()).isEqualTo(Framing.STREAM);
    assertThat(part.usage()).isTrue();
    assertThat(part.headers()).isSameAs(whole.headers());
    assertThat(part.directives()).isEqualTo(whole.directives());
    assertThat(part.language()).isSameAs(whole.language());
    assertThat(part.cancellation()).isSameAs(cancellation);
    assertThat(part.split()).isSameAs(Split.NONE);
  }

  @Test
  void noTwoPartsLookLikeOneCall() {
    InferenceRequest whole =
        SplitFixture.split()
            .read("{'model':'m','prompt':['a','b']}", "Idempotency-Key", "k", "X", "y");
    List<Part> parts = SplitFixture.parts(whole);
    assertThat(parts).extracting(part -> part.request().id()).containsExactly("id-0", "id-1");
    assertThat(parts)
        .extracting(part -> part.request().headers().getAll("idempotency-key"))
        .containsExactly(List.of("k-0"), List.of("k-1"));
    assertThat(parts).extracting(part -> part.request().headers().get("x")).containsOnly("y");
    MultiMap unchanged = whole.headers();
    assertThat(unchanged.getAll("Idempotency-Key")).containsExactly("k");
  }

  @ParameterizedTest
  @EnumSource(ModelRoute.Mode.class)
  void theWholeIsSentAsItCame(ModelRoute.Mode mode) {
    String body = "{'model':'m', 'n': 2 ,'seed':3,'temperature':0,'prompt':['a' , 'b']}";
    InferenceRequest request = SplitFixture.by(mode, Repetition.EACH).read(body);
    assertThat(request.split()).isNotSameAs(Split.NONE);
    assertThat(SplitFixture.body(request)).isEqualTo(SplitFixture.quoted(body));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'n':5|n|n: 5 choices (expected: at most 4)",
        "'n':2,'prompt':['a','b','c']|n|n: 6 choices (expected: at most 4)",
        "'prompt':['a','b','c','d','e']|prompt|prompt: too many (expected: at most 4)",
        "'prompt':[[1],[2],[3],[4],[5]],'n':2|prompt|prompt: too many (expected: at most 4)",
      })
  void moreChoicesThanAreAllowedAreRefused(String members, String field, String message) {
    Bounds four = new Bounds(128, 20, 5, 2, 4, 4);
    ModelRoute route = new ModelRoute("", ModelRoute.Mode.SPLIT);
    RequestReader reader =
        new RequestReader(Completions.DEFINITION, four, Repetition.REPLICATE, model -> route, true);
    Buffer body = Buffer.buffer(SplitFixture.quoted("{'model':'m'," + members + "}"));
    assertThat(
            catchThrowableOfType(
                Failure.class,
                () ->
                    reader.read(
                        new CallContext("i", ReaderFixture.headers()),
                        "/v1/completions",
                        Scope.of(ReaderFixture.headers()),
                        body,
                        new Cancellation())))
        .hasMessage(message)
        .satisfies(failure -> assertThat(failure.param()).isEqualTo(field));
  }

  @Test
  void twoThousandPromptsAreNotCopiedBeforeTheyAreSent() {
    int prompts = 2048;
    String prompt = "x".repeat(4096);
    String[] all = new String[prompts];
    Arrays.fill(all, "'" + prompt + "'");
    String body = "{'model':'m','prompt':[" + String.join(",", all) + "]}";
    InferenceRequest request = SplitFixture.split().read(body);

    long before = allocated();
    List<Part> parts = SplitFixture.parts(request);
    assertThat(allocated() - before).isLessThan(prompts * 1024L);

    parts.get(0).request().content().bytes(Framing.WHOLE, false); // loads what is loaded once
    before = allocated();
    Buffer last = parts.get(prompts - 1).request().content().bytes(Framing.WHOLE, false);
    assertThat(allocated() - before).isLessThan(64 * 1024L);
    assertThat(last.toString())
        .isEqualTo(SplitFixture.quoted("{'model':'m','prompt':'" + prompt + "'}"));
  }

  private static long allocated() {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    return threads.getCurrentThreadAllocatedBytes();
  }
}
