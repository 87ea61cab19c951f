package dev.refrain.openai;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.inference.Framing;
import dev.refrain.inference.InferenceRequest;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestBodyTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        // stream with usage
        "STREAM|true|{'model':'m'}|{'stream':true,'stream_options':{'include_usage':true},'model':'m'}",
        "STREAM|true|{'model':'m','stream':true}"
            + "|{'stream_options':{'include_usage':true},'model':'m','stream':true}",
        "STREAM|true|{'stream':true,'stream_options':null,'model':'m'}"
            + "|{'stream':true,'stream_options':{'include_usage':true},'model':'m'}",
        "STREAM|true|{'stream':true,'stream_options':{},'model':'m'}"
            + "|{'stream':true,'stream_options':{'include_usage':true},'model':'m'}",
        "STREAM|true|{'stream':true,'stream_options': { } ,'model':'m'}"
            + "|{'stream':true,'stream_options': {'include_usage':true } ,'model':'m'}",
        "STREAM|true|{'stream':true,'stream_options':{'include_usage':false},'model':'m'}"
            + "|{'stream':true,'stream_options':{'include_usage':true},'model':'m'}",
        "STREAM|true|{'stream':true,'stream_options':{'include_usage':null},'model':'m'}"
            + "|{'stream':true,'stream_options':{'include_usage':true},'model':'m'}",
        "STREAM|true|{'stream':true,'stream_options':{'include_usage':''},'model':'m'}"
            + "|{'stream':true,'stream_options':{'include_usage':true},'model':'m'}",
        "STREAM|true|{'stream':true,'stream_options':{'include_usage':'false'},'model':'m'}"
            + "|{'stream':true,'stream_options':{'include_usage':true},'model':'m'}",
        "STREAM|true|{'stream':true,'stream_options':{'include_usage':'true'},'model':'m'}"
            + "|{'stream':true,'stream_options':{'include_usage':true},'model':'m'}",
        "STREAM|true|{'stream':true,'stream_options':{'a':[{'include_usage':false}]},'model':'m'}"
            + "|{'stream':true,'stream_options':{'include_usage':true,'a':[{'include_usage':false}]},"
            + "'model':'m'}",
        "STREAM|true|{'stream':true,'stream_options':{'a':'}','include_usage' : false"
            + " },'model':'m'}|{'stream':true,'stream_options':{'a':'}','include_usage' : true"
            + " },'model':'m'}",
        "STREAM|true|{'stream':'true','model':'m'}"
            + "|{'stream_options':{'include_usage':true},'stream':true,'model':'m'}",
        "STREAM|true|{'model':'m','stream':'','n':'1'}"
            + "|{'stream_options':{'include_usage':true},'model':'m','stream':true,'n':1}",
        // stream without usage
        "STREAM|false|{'stream':true,'stream_options':{'include_usage':true},'model':'m'}"
            + "|{'stream':true,'stream_options':{'include_usage':false},'model':'m'}",
        "STREAM|false|{'stream':true,'model':'m'}|{'stream':true,'model':'m'}",
        "STREAM|false|{'model':'m'}|{'stream':true,'model':'m'}",
        // whole
        "WHOLE|false|{'stream':true,'model':'m'}|{'stream':false,'model':'m'}",
        "WHOLE|true|{'stream':true,'stream_options':{'include_usage':true},'model':'m'}"
            + "|{'stream':false,'stream_options':null,'model':'m'}",
        "WHOLE|false|{'stream':'true','stream_options':{'include_usage':'true'},'model':'m'}"
            + "|{'stream':false,'stream_options':null,'model':'m'}",
        "WHOLE|true|{'model':'m','stream_options':null}|{'model':'m','stream_options':null}",
        "WHOLE|false|{'model':'m','stream':'false','seed':'1'}"
            + "|{'model':'m','stream':false,'seed':1}",
      })
  void onlyTheFramingIsRewritten(Framing framing, boolean usage, String body, String expected) {
    Buffer bytes = ReaderFixture.read(q(body)).content().bytes(framing, usage);
    assertThat(bytes.toString()).isEqualTo(q(expected));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'n':'2','model':'m'}|{'n':2,'model':'m'}",
        "{'n': '2' ,'model':'m'}|{'n': 2 ,'model':'m'}",
        "{'n':'\\u0032','model':'m'}|{'n':2,'model':'m'}",
        "{'n':2.0,'model':'m'}|{'n':2,'model':'m'}",
        "{'n':2e0 ,'model':'m'}|{'n':2 ,'model':'m'}",
        "{'temperature':0.0,'model':'m'}|{'temperature':0.0,'model':'m'}",
        "{'temperature':'1e0','model':'m'}|{'temperature':1e0,'model':'m'}",
        "{'seed':'9007199254740993','model':'m'}|{'seed':9007199254740993,'model':'m'}",
        "{'logprobs':'','model':'m'}|{'logprobs':null,'model':'m'}",
        "{'echo':'true','model':'m'}|{'echo':true,'model':'m'}",
        "{'model':'m','max_tokens':'7'}|{'model':'m','max_tokens':7}",
        "{'model':'1','prompt':'2','suffix':'3','user':'4','stop':'5','x':'6'}"
            + "|{'model':'1','prompt':'2','suffix':'3','user':'4','stop':'5','x':'6'}",
      })
  void whatIsSpelledAsAStringIsSentAsWhatItMeans(String body, String expected) {
    assertThat(ReaderFixture.read(q(body)).content().bytes(Framing.WHOLE, false).toString())
        .isEqualTo(q(expected));
  }

  @Test
  void whereNothingIsToBeRewrittenTheBodyIsNotEvenCopied() {
    Buffer body = Buffer.buffer("{\"model\":\"m\", \"n\":1}");
    InferenceRequest request = ReaderFixture.read(ReaderFixture.reader(""), body);
    assertThat(request.content().bytes(Framing.WHOLE, true)).isSameAs(body);
  }

  @RepeatedTest(150)
  void everyOtherByteStays(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    Draft draft = new Draft(random);
    InferenceRequest request = ReaderFixture.read(draft.body(random));
    for (Framing framing : Framing.values()) {
      for (boolean usage : new boolean[] {true, false}) {
        String sent = request.content().bytes(framing, usage).toString(UTF_8);
        JsonObject json = new JsonObject(sent);

        assertThat(json.getBoolean("stream", false)).isEqualTo(framing == Framing.STREAM);
        JsonObject options = json.getJsonObject("stream_options");
        if (framing == Framing.STREAM) {
          boolean included = options != null && options.getBoolean("include_usage", false);
          assertThat(included).isEqualTo(usage);
        } else {
          assertThat(options).isNull();
        }
        draft.untouched.forEach(member -> assertThat(sent).contains(member));
        if (framing == Framing.STREAM) {
          draft.options.forEach(member -> assertThat(sent).contains(member));
        }
        assertThat(without(json)).isEqualTo(draft.rest());
      }
    }
  }

  private static JsonObject without(JsonObject json) {
    json.remove("stream");
    json.remove("stream_options");
    return json;
  }

  private static String q(String json) {
    return json.replace('\'', '"');
  }

  /** A body of random members in random order, with odd white space and odd text. */
  private static final class Draft {
    private final List<String> untouched = new ArrayList<>();
    private final List<String> framing = new ArrayList<>();
    private final List<String> options = new ArrayList<>();

    Draft(Random random) {
      untouched.add("\"model\" : \"m\\u00e9é😀\"");
      maybe(random, "\"prompt\":[ \"a\\\"}é\", \"{\\\\\" ]", untouched);
      maybe(random, "\"stop\"\n:\t\"stream\\\":false\"", untouched);
      maybe(random, "\"x\":{ \"stream\":true,\"stream_options\":{\"include_usage\":1}}", untouched);
      maybe(random, "\"seed\":9007199254740993", untouched);
      maybe(random, "\"y\":[1.50, -0, 1E5 ]", untouched);
      if (random.nextInt(4) > 0) {
        boolean stream = random.nextBoolean();
        framing.add("\"stream\":" + (random.nextBoolean() ? stream : "\"" + stream + "\""));
        if (stream && random.nextBoolean()) {
          String[] shapes = {
            "null",
            "{}",
            "{ }",
            "{\"include_usage\":true}",
            "{\"a\":\"é}\"}",
            "{\"a\":1, \"include_usage\" : \"true\"}",
            "{\"include_usage\":false,\"b\":[{}]}"
          };
          String shape = shapes[random.nextInt(shapes.length)];
          framing.add("\"stream_options\" : " + shape);
          List.of("\"a\":1,", "\"a\":\"é}\"", "\"b\":[{}]").stream()
              .filter(shape::contains)
              .forEach(options::add);
        }
      }
    }

    private static void maybe(Random random, String member, List<String> members) {
      if (random.nextBoolean()) {
        members.add(member);
      }
    }

    String body(Random random) {
      List<String> all = new ArrayList<>(untouched);
      all.addAll(framing);
      Collections.shuffle(all, random);
      return " {" + String.join(random.nextBoolean() ? "," : " ,\r\n ", all) + "}\n";
    }

    JsonObject rest() {
      return new JsonObject("{" + String.join(",", untouched) + "}");
    }
  }
}
