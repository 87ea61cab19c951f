package dev.refrain.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.inference.Entry;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.Framing;
import dev.refrain.inference.Head;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.Sharing;
import dev.refrain.inference.Tokens;
import dev.refrain.openai.ModelRoute.Repetition;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.internal.buffer.BufferInternal;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PartEntriesTest {
  private static final String USAGE =
      "'usage':{'prompt_tokens':2,'completion_tokens':3,'total_tokens':5}";

  @Test
  void aDocumentIsCutIntoStreamsOfItsChoices() {
    InferenceRequest request = together(Repetition.REPLICATE, "'prompt':['a','b']");
    List<Entry> entries =
        entries(
            request,
            Framing.WHOLE,
            "{'id':'i', 'choices':[{'text':'A\\u0041','index':0,'finish_reason':'stop'},\n"
                + " { 'index' : 1 ,'text':'B','x':1.50,'finish_reason':'length' }],"
                + USAGE
                + ",'model':'m' }");
    assertThat(bodies(entries))
        .containsExactly(
            "data: {'id':'i','choices':[{'text':'A\\u0041','index':0,'finish_reason':'stop'}],"
                + "'model':'m'}\n\n",
            "data: {'id':'i','choices':[{ 'index' : 0 ,'text':'B','x':1.50,'finish_reason':'length'"
                + " }],'model':'m'}\n\n");
    assertThat(fingerprints(entries)).isEqualTo(SplitFixture.fingerprints(request));
  }

  @Test
  void aStreamIsCutIntoStreamsOfItsChoices() {
    InferenceRequest request = together(Repetition.EACH, "'n':2");
    List<Entry> entries =
        entries(
            request,
            Framing.STREAM,
            "data: {'choices':[{'index':1,'text':'B'}],'usage':null}\n\n"
                + "data:{'choices':[{'index':0,'text':'A','finish_reason':null},{'index':1,'text':'BB','finish_reason':'stop'}],'usage':{'prompt_tokens':1}}\r\n\r\n"
                + "data: {'choices':[{'index':0,'text':'AA','finish_reason':'length'}]}\n\n"
                + "data: {'choices':[],"
                + USAGE
                + "}\n\n");
    assertThat(bodies(entries))
        .containsExactly(
            "data: {'choices':[{'index':0,'text':'A','finish_reason':null}]}\n\n"
                + "data: {'choices':[{'index':0,'text':'AA','finish_reason':'length'}]}\n\n",
            "data: {'choices':[{'index':0,'text':'B'}]}\n\n"
                + "data: {'choices':[{'index':0,'text':'BB','finish_reason':'stop'}]}\n\n");
  }

  @Test
  void ofWhatIsReplicatedTheFirstOfEachPromptIsKept() {
    List<Entry> entries =
        entries(
            together(Repetition.REPLICATE, "'n':2,'prompt':['a','b']"),
            Framing.WHOLE,
            document(choice(3, "b1"), choice(1, "a1"), choice(2, "b0"), choice(0, "a0")));
    assertThat(bodies(entries))
        .containsExactly(
            "data: {'choices':[" + choice(0, "a0") + "]}\n\n",
            "data: {'choices':[" + choice(0, "b0") + "]}\n\n");
    assertThat(entries)
        .allSatisfy(
            entry ->
                assertThat(((BufferInternal) entry.body()).getByteBuf().array())
                    .as("memory taken")
                    .hasSize(entry.body().length()));
  }

  @Test
  void whatIsDrawnTogetherStaysTogether() {
    List<Entry> entries =
        entries(
            together(Repetition.EACH, "'n':2,'best_of':3,'prompt':['a','b']"),
            Framing.WHOLE,
            document(choice(0, "a0"), choice(1, "a1"), choice(2, "b0"), choice(3, "b1")));
    assertThat(bodies(entries))
        .containsExactly(
            "data: {'choices':["
                + choice(0, "a0")
                + "]}\n\n"
                + "data: {'choices':["
                + choice(1, "a1")
                + "]}\n\n",
            "data: {'choices':["
                + choice(0, "b0")
                + "]}\n\n"
                + "data: {'choices':["
                + choice(1, "b1")
                + "]}\n\n");
  }

  @Test
  void anEntryOfAPartAnswersWhoDidNotAskWhatItCost() {
    InferenceRequest request = together(Repetition.REPLICATE, "'prompt':['a','b']");
    Entry whole = whole(request, Framing.WHOLE, document(choice(0, "A"), choice(1, "B")));
    Entry part = request.split().entries(request, whole).get(1);
    assertThat(part.framing()).isEqualTo(Framing.STREAM);
    assertThat(part.tokens()).isEqualTo(Tokens.UNKNOWN);
    assertThat(part.storedAt()).isEqualTo(whole.storedAt());
    assertThat(part.model()).isEqualTo(whole.model());
    assertThat(part.scope()).isEqualTo(whole.scope());
    assertThat(part.head().contentType()).isEqualTo("text/event-stream");
    assertThat(part.head().headers().get("openai-model")).isEqualTo("x");
    assertThat(whole.head().contentType()).isEqualTo("application/json");
    assertThat(request.language().render(part, Framing.STREAM, false))
        .hasValueSatisfying(
            body ->
                assertThat(body.toString().replace('"', '\''))
                    .isEqualTo("data: {'choices':[" + choice(0, "B") + "]}\n\ndata: [DONE]\n\n"));
    assertThat(request.language().render(part, Framing.STREAM, true)).isEmpty();
    assertThat(request.language().render(part, Framing.WHOLE, false)).isEmpty();
  }

  @Test
  void aChoiceThatIsNotProvenWholeHasNoEntry() {
    InferenceRequest request = together(Repetition.EACH, "'n':3");
    List<Entry> entries =
        entries(
            request,
            Framing.WHOLE,
            document(
                choice(0, "A"),
                "{'index':1,'finish_reason':'abort'}",
                "{'index':2,'finish_reason':null}"));
    assertThat(fingerprints(entries)).containsExactly(SplitFixture.fingerprints(request).get(0));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "not JSON",
        "[]",
        "{'choices':[{'index':0,'finish_reason':'stop'},{'index':1,'finish_reason':'stop'}]",
        "{'choices':{}}",
        "{'choices':null}",
        "{'id':'none'}",
        "{'choices':[1,2]}",
        "{'choices':[{'finish_reason':'stop'},{'index':1,'finish_reason':'stop'}]}",
        "{'choices':[{'index':0,'finish_reason':'stop'},{'index':2,'finish_reason':'stop'}]}",
        "{'choices':[{'index':0,'finish_reason':'stop'},{'index':-1,'finish_reason':'stop'}]}",
        "{'choices':[{'index':0,'finish_reason':'stop'},{'index':'1','finish_reason':'stop'}]}",
        "{'choices':[{'index':0,'index':1,'finish_reason':'stop'}]}",
        "{'choices':[{'index':0,'finish_reason':'stop'},{'index':1,'finish_reason':'stop'}],'choices':[]}",
        "{'error':{},'choices':[{'index':0,'finish_reason':'stop'},{'index':1,'finish_reason':'stop'}]}",
        "{'prompt_filter_results':[{'prompt_index':0}],"
            + "'choices':[{'index':0,'finish_reason':'stop'},{'index':1,'finish_reason':'stop'}]}",
      })
  void whatIsDoubtfulIsNotCut(String body) {
    assertThat(entries(together(Repetition.REPLICATE, "'prompt':['a','b']"), Framing.WHOLE, body))
        .isEmpty();
  }

  @Test
  void aStreamCutShortIsNotCut() {
    String chunk = "data: {'choices':[{'index':0,'finish_reason':'stop'}]}\n";
    InferenceRequest request = together(Repetition.REPLICATE, "'prompt':['a','b']");
    assertThat(entries(request, Framing.STREAM, chunk)).isEmpty();
    assertThat(entries(request, Framing.STREAM, chunk + "\n")).hasSize(1);
  }

  @Test
  void whatIsLongIsNotSaidAgainForEachChoice() {
    InferenceRequest request = together(Repetition.REPLICATE, "'prompt':['a','b']");
    String choices = document(choice(0, "A"), choice(1, "B"));
    String named = "{'id':'" + "x".repeat(3000) + "'," + choices.substring(1);
    String longer = "{'id':'" + "x".repeat(5000) + "'," + choices.substring(1);
    assertThat(entries(request, Framing.WHOLE, named)).hasSize(2);
    assertThat(entries(request, Framing.WHOLE, longer)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"SPLIT", "AUTO"})
  void whatIsAskedCallByCallIsKeptByItself(ModelRoute.Mode mode) {
    InferenceRequest request =
        SplitFixture.by(mode, Repetition.EACH).read("{'model':'m','temperature':0,'n':2}");
    assertThat(entries(request, Framing.WHOLE, document(choice(0, "A"), choice(1, "B")))).isEmpty();
  }

  private static InferenceRequest together(Repetition repetition, String members) {
    return SplitFixture.by(ModelRoute.Mode.NATIVE, repetition)
        .read("{'model':'m','temperature':0," + members + "}");
  }

  private static String document(String... choices) {
    return "{'choices':[" + String.join(",", choices) + "]," + USAGE + "}";
  }

  private static String choice(int index, String text) {
    return "{'index':" + index + ",'text':'" + text + "','finish_reason':'stop'}";
  }

  private static List<Entry> entries(InferenceRequest request, Framing framing, String body) {
    return request.split().entries(request, whole(request, framing, body));
  }

  private static Entry whole(InferenceRequest request, Framing framing, String body) {
    String type = framing == Framing.WHOLE ? "application/json" : "text/event-stream";
    return new Entry(
        ReaderFixture.fingerprint(request),
        framing,
        new Head(200, HttpHeaders.headers().add("Content-Type", type).add("openai-model", "x")),
        Buffer.buffer(SplitFixture.quoted(body)),
        Tokens.of(2, 3),
        7,
        "m",
        ((Sharing.Shareable) request.sharing()).scope());
  }

  private static List<String> bodies(List<Entry> entries) {
    return entries.stream().map(entry -> entry.body().toString().replace('"', '\'')).toList();
  }

  private static List<Fingerprint> fingerprints(List<Entry> entries) {
    return entries.stream().map(Entry::fingerprint).toList();
  }
}
