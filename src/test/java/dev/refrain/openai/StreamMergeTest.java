package dev.refrain.openai;

import static dev.refrain.openai.MergeFixture.data;
import static dev.refrain.openai.MergeFixture.event;
import static dev.refrain.openai.MergeFixture.frames;
import static dev.refrain.openai.MergeFixture.merger;
import static dev.refrain.openai.MergeFixture.part;
import static dev.refrain.openai.MergeFixture.q;
import static dev.refrain.openai.MergeFixture.said;
import static dev.refrain.openai.MergeFixture.single;
import static dev.refrain.openai.MergeFixture.wire;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.refrain.inference.Failure;
import dev.refrain.inference.Frame;
import dev.refrain.inference.Language.Merger;
import dev.refrain.inference.Part;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Repetitions are seeds: a failure names the one to run again. */
class StreamMergeTest {
  private static final String USAGE =
      "'usage':{'prompt_tokens':10,'completion_tokens':3,'total_tokens':13}";

  private final Merger merger = merger(false);
  private final Merger asked = merger(true);

  @Test
  void chunksAreGivenTheIdOfTheFirstAndTheIndexOfTheirPart() {
    String chunk =
        "{'id':'cmpl-%s','object':'text_completion','created':1,'choices':[{'text':' é\\u00e9',"
            + "'index':%d,'logprobs':null,'finish_reason':null}],'model':'m'}";

    assertThat(said(merger, single(1), chunk.formatted("one", 0)))
        .containsExactly(q(chunk.formatted("one", 1)));
    assertThat(said(merger, single(0), chunk.formatted("two", 0)))
        .containsExactly(q(chunk.formatted("one", 0)));
    assertThat(said(merger, single(1234), chunk.formatted("three", 0)))
        .containsExactly(q(chunk.formatted("one", 1234)));
  }

  @Test
  void aChunkThatIsRightAlreadyIsHandedOnItself() {
    Frame frame = data("{'id':'a','choices':[{'index':3,'text':''}]}");
    assertThat(frames(merger, single(3), frame)).singleElement().isSameAs(frame);
  }

  @Test
  void whatOnlyLooksLikeAnIndexOrAnIdStays() {
    said(merger, single(0), "{'id':'a','choices':[]}");
    assertThat(
            said(
                merger,
                single(7),
                "{'x':{'id':'b'},'choices':[{'logprobs':{'index':0},'inde\\u0078' : 0 ,"
                    + "'text':'\\'index\\':0'}],'\\u0069d':'b'}"))
        .containsExactly(
            q(
                "{'x':{'id':'b'},'choices':[{'logprobs':{'index':0},'inde\\u0078' : 7 ,"
                    + "'text':'\\'index\\':0'}],'\\u0069d':'a'}"));
  }

  @Test
  void anIdIsCopiedAsItIsWritten() {
    said(merger, single(0), "{'id':'\\u0061\\\\ü','choices':[]}");
    assertThat(said(merger, single(1), "{'choices':[],'id':'b'}"))
        .containsExactly(q("{'choices':[],'id':'\\u0061\\\\ü'}"));
  }

  @Test
  void chunksWithoutAnIdOfTheirOwnStayWithoutAndGiveNone() {
    String azure =
        "{'id':'','object':'','created':0,'model':'','prompt_filter_results':[{'prompt_index':0}],"
            + "'choices':[]}";
    assertThat(said(merger, single(0), azure)).containsExactly(q(azure));
    assertThat(said(merger, single(0), "{'id':null,'choices':[]}"))
        .containsExactly(q("{'id':null,'choices':[]}"));
    assertThat(said(merger, single(0), "{'id':'a','choices':[]}"))
        .containsExactly(q("{'id':'a','choices':[]}"));
    assertThat(said(merger, single(1), azure)).containsExactly(q(azure));
  }

  @Test
  void eachCopyIsSaidByAFrameOfItsOwn() {
    assertThat(said(merger, part(1, 0, 9, 3), "{'id':'a','choices':[{'index':0}]}"))
        .containsExactly(
            q("{'id':'a','choices':[{'index':9}]}"),
            q("{'id':'a','choices':[{'index':10}]}"),
            q("{'id':'a','choices':[{'index':11}]}"));
  }

  @Test
  void severalChoicesOfAPartKeepTheirOrder() {
    Part part = part(3, 0, 6, 2);
    assertThat(said(merger, part, "{'choices':[{'index':2},{'index':0,'a':[1]}]}"))
        .containsExactly(
            q("{'choices':[{'index':8},{'index':6,'a':[1]}]}"),
            q("{'choices':[{'index':11},{'index':9,'a':[1]}]}"));
  }

  @Test
  void aChoiceWithoutAnIndexIsGivenOne() {
    assertThat(said(merger, single(5), "{'choices':[{'text':'a'}]}"))
        .containsExactly(q("{'choices':[{'index':5,'text':'a'}]}"));
    assertThat(said(merger, single(5), "{'choices':[{ }]}"))
        .containsExactly(q("{'choices':[{'index':5 }]}"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "7", "null", "'0'", "0.0", "-1"})
  void theIndexOfASingleChoiceIsOfNoConsequence(String index) {
    assertThat(said(merger, single(5), "{'choices':[{'index':" + index + "}]}"))
        .containsExactly(q("{'choices':[{'index':5}]}"));
  }

  @Test
  void twoPiecesOfASingleChoiceMayComeTogether() {
    assertThat(said(merger, single(5), "{'choices':[{'index':2},{'index':2}]}"))
        .containsExactly(q("{'choices':[{'index':5},{'index':5}]}"));
  }

  @Test
  void theOtherLinesOfAnEventAndItsLineEndsStay() {
    said(merger, single(0), "{'id':'a','choices':[]}");
    assertThat(
            wire(
                merger,
                part(1, 0, 12, 1),
                ": ping\r\nid: 1\r\ndata:{'id':'longer','choices':[{'index':0}],"
                    + USAGE
                    + "}\r\nevent: x\r\n\r\n"))
        .isEqualTo(
            q(": ping\r\nid: 1\r\ndata:{'id':'a','choices':[{'index':12}]}\r\nevent: x\r\n\r\n"));
  }

  @Test
  void anEditedFrameKnowsWhereItsDataIs() {
    Frame frame = event("id: 1\ndata:{'choices':[{'index':0}]}\n\n");
    Frame merged = frames(merger, single(1000), frame).get(0);
    assertThat(merged.text()).isEqualTo(q("{'choices':[{'index':1000}]}"));
    assertThat(merged.data()).isSameAs(merged.event());
  }

  @Test
  void dataSpreadOverLinesComesOutOnOneWhereItIsEdited() {
    String spread = "data: {'choices':\ndata: [{'index':0\ndata: }]}\n\n";
    assertThat(wire(merger, single(1), spread))
        .isEqualTo(q("data: {'choices': [{'index':1 }]}\n\n"));
    assertThat(wire(merger, single(0), spread)).isEqualTo(q(spread));
  }

  @ParameterizedTest
  @ValueSource(strings = {": PING\n\n", "event: ping\r\n\r\n", ":\n: b\n\n"})
  void whatHasNoDataPassesOnce(String event) {
    Frame frame = event(event);
    assertThat(frames(merger, part(1, 0, 1, 3), frame)).singleElement().isSameAs(frame);
  }

  @Test
  void chunksWithoutChoicesAreSaidOnce() {
    Part copies = part(1, 0, 1, 3);
    said(merger, single(0), "{'id':'a','choices':[]}");
    assertThat(said(merger, copies, "{'id':'b','prompt_filter_results':[],'choices':[]}"))
        .containsExactly(q("{'id':'a','prompt_filter_results':[],'choices':[]}"));
    assertThat(said(merger, copies, "{'id':'b','prompt_progress':{'total':9}}"))
        .containsExactly(q("{'id':'a','prompt_progress':{'total':9}}"));
    assertThat(said(merger, copies, "{'choices':[],'usage':null}"))
        .containsExactly(q("{'choices':[],'usage':null}"));
  }

  @Test
  void usageBesideChoicesIsTakenOutAndNoUsageStays() {
    String llama =
        "{'choices':[{'text':'','index':0,'finish_reason':'stop'}]," + USAGE + ",'timings':{}}";
    String rest = q("{'choices':[{'text':'','index':0,'finish_reason':'stop'}],'timings':{}}");
    String none = "{'choices':[{'index':0}],'usage':null}";

    for (Merger each : List.of(merger, asked)) {
      assertThat(said(each, single(0), llama)).containsExactly(rest);
      assertThat(said(each, single(0), none)).containsExactly(q(none));
      assertThat(said(each, single(0), "{" + USAGE + ",'choices':[{'index':0}]}"))
          .containsExactly(q("{'choices':[{'index':0}]}"));
    }
  }

  @Test
  void usageOfItsOwnIsNotSaid() {
    for (Merger each : List.of(merger, asked)) {
      assertThat(said(each, single(0), "{'choices':[]," + USAGE + "}")).isEmpty();
      assertThat(said(each, single(0), "{" + USAGE + "}")).isEmpty();
      assertThat(said(each, single(0), "{'choices':null," + USAGE + "}")).isEmpty();
    }
  }

  @Test
  void theWholeCostsWhatItsPartsCost() {
    said(asked, part(1, 1, 2, 4), "{'id':'c','choices':[]," + USAGE + ",'x':'other'}");
    said(asked, part(1, 0, 0, 1), "{'id':'b','created':1,'choices':[]," + USAGE + ",'x':'first'}");
    said(asked, part(1, 0, 1, 1), "{'id':'a','choices':[]," + USAGE + "}");

    assertThat(asked.usage().map(Frame::text))
        .hasValue(
            q(
                "{'id':'c','created':1,'choices':[],'usage':{'prompt_tokens':20,"
                    + "'completion_tokens':18,'total_tokens':38},'x':'first'}"));
  }

  @Test
  void usageThatCountsUpCountsAsItWasSaidLast() {
    String chunk = "{'id':'a','choices':[{'index':0,'text':'t'}],'usage':{'tokens':%d}}";
    for (int tokens = 1; tokens < 4; tokens++) {
      said(asked, single(0), chunk.formatted(tokens));
      said(asked, single(1), chunk.formatted(10 * tokens));
    }
    said(asked, single(1), "{'choices':[{'index':0}]}");

    assertThat(asked.usage().map(Frame::text))
        .hasValue(q("{'id':'a','choices':[],'usage':{'tokens':33}}"));
  }

  @Test
  void usageKeepsTheLinesOfTheEventItCameIn() {
    Part part = part(1, 0, 0, 2);
    frames(asked, part, event("event: m\r\ndata:{'choices':[ ],'usage':{'n':4} }\r\n\r\n"));
    assertThat(asked.usage().orElseThrow().event())
        .asString()
        .isEqualTo(q("event: m\r\ndata:{'choices':[ ],'usage':{'n':8} }\r\n\r\n"));
  }

  @Test
  void thereIsNoUsageUnlessItWasAskedForAndEachPartSaidIts() {
    assertThat(asked.usage()).isEmpty();
    String chunk = "{'choices':[{'index':0}]}";
    said(asked, single(0), "{'choices':[]," + USAGE + "}");
    said(asked, single(1), chunk);
    assertThat(asked.usage()).isEmpty();
    said(asked, single(1), "{'choices':[]," + USAGE + "}");
    assertThat(asked.usage()).isPresent();
    said(asked, single(3), "{'choices':[]," + USAGE + "}");
    assertThat(asked.usage()).as("one part was never heard of").isEmpty();

    said(merger, single(0), "{'choices':[]," + USAGE + "}");
    assertThat(merger.usage()).isEmpty();
  }

  @Test
  void usageThatIsNoObjectIsNone() {
    said(asked, single(0), "{'choices':[],'usage':7}");
    assertThat(asked.usage()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ping", "null", "[]", "7", " ", "'x'"})
  void whatIsNoObjectPassesAsItCame(String data) {
    Frame frame = Frame.of(q(data).getBytes(UTF_8));
    assertThat(frames(asked, single(1), frame)).containsExactly(frame);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'choices':[{'index':0}]",
        "{'choices':{}}",
        "{'choices':['a']}",
        "{'choices':[{'index':0},{'index':1}]}",
        "{'choices':[{'index':0},{}]}",
        "{'choices':[{},{}]}",
      })
  void whatIsNoChunkOfASingleChoiceBreaksTheStream(String json) {
    assertBreaks(single(0), json);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{'index':2}", "{'index':-1}", "{}", "{'index':null}", "{'index':'0'}"})
  void aChoiceThatItsPartDoesNotHaveBreaksTheStream(String choice) {
    assertBreaks(part(2, 0, 0, 1), "{'choices':[{'index':0}," + choice + "]}");
  }

  @Test
  void anErrorIsReportedAsItIs() {
    Frame error = data("{'error':{'message':'m'}}");
    Failure failure = catchThrowableOfType(Failure.class, () -> frames(merger, single(0), error));
    assertThat(failure.event()).isSameAs(error);
  }

  @RepeatedTest(50)
  void everyByteStaysButThoseOfTheIndexAndTheUsage(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    RandomAnswer answers = new RandomAnswer(random);
    int copies = 1 + random.nextInt(3);
    int first = random.nextInt(2000);
    String chunk =
        answers.chunk(0, answers.string(), answers.logprobs(2), "null").replaceAll("[\r\n]", " ");
    int index = chunk.indexOf("\"index\":0") + "\"index\":".length();
    String usage = random.nextBoolean() ? "" : ",\"usage\" : " + Answers.USAGE;
    int end = chunk.length() - 1;
    Frame frame = data(chunk.substring(0, end) + usage + "}");

    List<Frame> merged = frames(merger, part(1, 0, first, copies), frame);

    assertThat(merged).hasSize(copies);
    for (int copy = 0; copy < copies; copy++) {
      assertThat(merged.get(copy).text())
          .isEqualTo(chunk.substring(0, index) + (first + copy) + chunk.substring(index + 1));
    }
  }

  @RepeatedTest(50)
  void streamsMergedAndFoldedAreTheDocumentsOfTheParts(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    String body = new RandomAnswer(random).body(2, Answers.USAGE);
    Part one = part(2, 0, 0, 2);
    Part two = part(2, 1, 4, 1);
    List<Frame> merged = new java.util.ArrayList<>();
    for (Part part : List.of(one, two)) {
      for (Frame frame : Unfold.of(Answers.SHAPE, Buffer.buffer(body), true).orElseThrow()) {
        asked.frames(part, frame).forEachRemaining(merged::add);
      }
    }
    merged.add(asked.usage().orElseThrow());

    Optional<Buffer> whole =
        WholeMerge.of(
            Answers.SHAPE,
            List.of(
                new Part.Answer(one, Buffer.buffer(body)),
                new Part.Answer(two, Buffer.buffer(body))));
    assertThat(Answers.json(Fold.of(Answers.SHAPE, merged).orElseThrow()))
        .isEqualTo(Answers.json(whole.orElseThrow()));
  }

  private void assertBreaks(Part part, String json) {
    assertThatThrownBy(() -> said(merger, part, json))
        .isInstanceOfSatisfying(
            Failure.class,
            failure -> {
              assertThat(failure.kind()).isEqualTo(Failure.Kind.UPSTREAM_BROKEN);
              assertThat(failure.event()).isNull();
            });
  }
}
