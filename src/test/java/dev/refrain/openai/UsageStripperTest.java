package dev.refrain.openai;

import static dev.refrain.openai.Answers.frame;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.inference.Frame;
import dev.refrain.openai.completions.Completions;
import dev.refrain.sse.EventSplitter;
import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UsageStripperTest {
  private final StreamingLanguage language = Completions.LANGUAGE;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'choices':[1],'usage':null} | {'choices':[1]}",
        "{'choices':[],'usage':null} | {'choices':[]}",
        "{'choices':[1], 'usage': null } | {'choices':[1] }",
        "{'usage':null,'choices':[1]} | {'choices':[1]}",
        "{ 'usage' : null , 'choices':[1]} | { 'choices':[1]}",
        "{'a':1.0,'usage':null ,'choices':[1]} | {'a':1.0 ,'choices':[1]}",
        "{'usage':null} | {}",
        "{'usage':null,'choices':[1],'usage': null} | {'choices':[1]}",
        "{'choices':[{'usage':null}],'usage':null} | {'choices':[{'usage':null}]}",
      })
  void usageIsCutOutAndEveryOtherByteStays(String with, String without) {
    Frame cut = language.withoutUsage(frame(json(with))).orElseThrow();
    assertThat(wire(cut)).isEqualTo("data: " + json(without) + "\n\n");
    assertThat(cut.text()).isEqualTo(json(without));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'choices':[{'text':'a'}]}",
        "{'choices':[{'text':'usage'}]}",
        "{'choices':[{'logprobs':{'top_logprobs':[{'usage':null}]}}]}",
        "{'choices':[{'usage':null}]}",
        "{'a':{'b':1,'usage':null}}",
        "{'usage':",
        "not json, 'usage':null"
      })
  void aFrameWithoutUsageOfItsOwnIsHandedBackItself(String json) {
    Frame frame = frame(json(json));
    assertThat(language.withoutUsage(frame)).containsSame(frame);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'choices':[],'usage':{'prompt_tokens':1}}",
        "{'usage':{'prompt_tokens':1},'choices': [ ] }",
        "{'usage':{'prompt_tokens':1}}"
      })
  void aFrameThatOnlySaysUsageIsNothing(String json) {
    assertThat(language.withoutUsage(frame(json(json)))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'id':1} | {'choices':[],'usage':{'a':1},'id':2,'b':1.50} | {'id':1,'b':1.50}",
        "{'id':1 } | {'usage':{'a':1},'b':{'c':[]},'d':null} | {'id':1 ,'b':{'c':[]}}",
        "{} | {'usage':{'a':1},'b':1,'c':2} | {'b':1,'c':2}",
        "{'id':1} | {'choices':[],'usage':{'a':1}} | {'id':1}",
        "{'id':1} | {'choices':[1],'usage':{'a':1},'b':1} | {'id':1}",
        "{'id':1} | {'choices':[],'usage':null,'b':1} | {'id':1}",
        "[1] | {'usage':{'a':1},'b':1} | [1]",
        "{'id':1} | {'usage':{'a':1},'b': | {'id':1}",
      })
  void whatStandsBesideTheUsageIsAddedToTheLastFrame(String last, String next, String all) {
    Frame added = language.withMembersBesideUsage(frame(json(last)), frame(json(next)));
    assertThat(added.text()).isEqualTo(json(all));
    assertThat(wire(added)).isEqualTo("data: " + json(all) + "\n\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'choices':[{'text':'','finish_reason':'length'}],'usage':{'x':[1,'}']},'timings':{}}",
        "{'usage':{'prompt_tokens':1},'choices':[1]}",
      })
  void usageThatAServerWritesBesideItsChoicesUnaskedStays(String json) {
    Frame frame = frame(json(json));
    assertThat(language.withoutUsage(frame)).containsSame(frame);
  }

  @Test
  void aCommentStays() {
    Frame comment = split(": PING\n\n");
    assertThat(language.withoutUsage(comment)).containsSame(comment);
  }

  @Test
  void theOtherLinesOfAnEventAndItsLineEndsStay() {
    Frame frame = split("id: 1\r\ndata:{\"choices\":[1],\"usage\":null}\r\nevent: x\r\n\r\n");
    Frame cut = language.withoutUsage(frame).orElseThrow();
    assertThat(wire(cut)).isEqualTo("id: 1\r\ndata:{\"choices\":[1]}\r\nevent: x\r\n\r\n");
    assertThat(cut.text()).isEqualTo("{\"choices\":[1]}");
  }

  @Test
  void dataSpreadOverLinesComesOutOnOne() {
    Frame frame = split("data: {\"choices\":\ndata: [1],\ndata: \"usage\":null\ndata: }\n\n");
    Frame cut = language.withoutUsage(frame).orElseThrow();
    assertThat(wire(cut)).isEqualTo("data: {\"choices\": [1] }\n\n");
  }

  private static String json(String text) {
    return text.replace('\'', '"');
  }

  private static Frame split(String event) {
    EventSplitter splitter = new EventSplitter(1000);
    splitter.feed(Buffer.buffer(event));
    return splitter.next();
  }

  private static String wire(Frame frame) {
    return new String(frame.event(), UTF_8);
  }
}
