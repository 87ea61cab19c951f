package dev.refrain.openai.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.refrain.inference.Entry;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Fingerprint;
import dev.refrain.inference.Frame;
import dev.refrain.inference.Framing;
import dev.refrain.inference.Head;
import dev.refrain.inference.Language.CompletenessCheck;
import dev.refrain.inference.Language.ResumeMatcher;
import dev.refrain.inference.Tokens;
import dev.refrain.sse.EventSplitter;
import dev.refrain.testing.Json;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One chat answer in both framings. In JSON, single quotes stand for double ones. */
class ChatFramingsTest {
  private static final String USAGE =
      "{'prompt_tokens':9,'completion_tokens':12,'total_tokens':21}";

  @Test
  void callsOfToolsInFragmentsBecomeWholeOnes() {
    List<String> deltas = new ArrayList<>();
    deltas.add("{'role':'assistant','content':null}");
    fragments(deltas, 0, "call_a", "weather", "{\\'city\\':\\'Köln 😀\\',\\'days\\':3}");
    fragments(deltas, 1, "call_b", "time", "{\\'zone\\':\\'Europe/Berlin\\'}");

    JsonNode folded = Json.read(fold(stream(1, deltas, "tool_calls")).orElseThrow());

    assertThat(folded)
        .isEqualTo(
            Json.read(
                document(
                    choice(
                        0,
                        "{'role':'assistant','content':null,'tool_calls':["
                            + call("call_a", "weather", "{\\'city\\':\\'Köln 😀\\',\\'days\\':3}")
                            + ","
                            + call("call_b", "time", "{\\'zone\\':\\'Europe/Berlin\\'}")
                            + "]}",
                        "null",
                        "tool_calls"))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"content", "refusal", "reasoning_content", "reasoning"})
  void piecesOfTextBecomeOneText(String member) {
    List<String> deltas =
        List.of(
            "{'role':'assistant','" + member + "':''}",
            "{'" + member + "':'one \\'}".replace("\\'}", "\\u0022'}"),
            "{'" + member + "':'two'}");

    assertThat(Json.read(fold(stream(1, deltas, "stop")).orElseThrow()).at("/choices/0/message"))
        .isEqualTo(Json.read(q("{'role':'assistant','" + member + "':'one \\u0022two'}")));
  }

  @Test
  void choicesWithProbabilitiesAreToldApart() {
    StringBuilder events = new StringBuilder();
    for (int word = 0; word < 3; word++) {
      for (int index = 2; index >= 0; index--) {
        events.append(
            event(
                chunk(
                    "{'index':%d,'delta':{'content':'%d'},'logprobs':{'content':[{'token':'%d',"
                            .formatted(index, word, word)
                        + "'logprob':-1.50}],'refusal':null},'finish_reason':null}")));
      }
    }
    for (int index = 0; index < 3; index++) {
      events.append(event(chunk(piece(index, "{}", "'stop'"))));
    }
    events.append(event(chunk("", "'usage':" + USAGE)));

    JsonNode folded = Json.read(fold(events.toString()).orElseThrow());

    assertThat(folded.path("choices")).hasSize(3);
    for (JsonNode choice : folded.path("choices")) {
      assertThat(choice.at("/message/content").asText()).isEqualTo("012");
      assertThat(choice.at("/logprobs/content")).hasSize(3);
    }
  }

  static LongStream seeds() {
    return LongStream.rangeClosed(1, 60);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void aMessageIsTheSameAfterItWasStreamed(long seed) {
    Random random = new Random(seed);
    int choices = 1 + random.nextInt(3);
    Buffer document = Buffer.buffer(new RandomMessage(random).document(choices));

    Buffer events = unfold(document, choices).orElseThrow();

    CompletenessCheck check = Chat.LANGUAGE.check(choices);
    frames(events.toString()).forEach(check::add);
    assertThat(check.complete()).isTrue();
    String stored = events.toString().replace("data: [DONE]\n\n", "");
    assertThat(fold(stored).map(Json::read)).contains(Json.read(document.toString()));
  }

  /** Up to three choices whose pieces interleave, and what they fold to unfolds to the same. */
  @ParameterizedTest
  @MethodSource("seeds")
  void messagesAreTheSameHoweverTheirStreamsWereCut(long seed) {
    Random random = new Random(seed);
    RandomMessage message = new RandomMessage(random);
    int choices = 1 + random.nextInt(3);
    JsonNode document = Json.read(message.document(choices));

    String folded = fold(message.stream(document.path("choices"))).orElseThrow();
    assertThat(Json.read(folded)).isEqualTo(document);

    String events = unfold(Buffer.buffer(folded), choices).orElseThrow().toString();
    assertThat(fold(events.replace("data: [DONE]\n\n", ""))).contains(folded);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'tool_calls':[{'id':'a','function':{'name':'f','arguments':'1'}}]}",
        "{'tool_calls':[{'index':0,'id':'b','function':{'name':'f','arguments':'1'}}]}",
        "{'tool_calls':[{'index':0,'function':{'name':'g','arguments':'1'}}]}",
        "{'mystery':1}",
        "{'role':'user'}",
        "{'content':['x']}",
      })
  void whatCannotBeToldApartHasNoDocument(String strange) {
    List<String> deltas =
        List.of(
            "{'role':'assistant','content':'x','mystery':2,'tool_calls':"
                + "[{'index':0,'id':'a','type':'function',"
                + "'function':{'name':'f','arguments':''}}]}",
            strange);

    assertThat(fold(stream(1, deltas, "stop"))).isEmpty();
  }

  @Test
  void whatIsTheSameInEachChunkOrInOneIsKept() {
    List<String> deltas =
        List.of(
            "{'role':'assistant','content':'a','provider':'p'}", "{'content':'b','provider':'p'}");

    String folded = fold(stream(1, deltas, "stop")).orElseThrow();

    assertThat(Json.read(folded).at("/choices/0/message"))
        .isEqualTo(Json.read(q("{'role':'assistant','content':'ab','provider':'p'}")));
  }

  @Test
  void aChunkBeforeTheAnswerIsPartOfIt() {
    String before =
        event(
            "{'id':'','object':'','created':0,'model':'','choices':[],"
                + "'prompt_filter_results':[{'prompt_index':0}]}");
    String events = before + stream(1, List.of("{'role':'assistant','content':'a'}"), "stop");

    JsonNode folded = Json.read(fold(events).orElseThrow());

    assertThat(folded.path("object").asText()).isEqualTo("chat.completion");
    assertThat(folded.path("id").asText()).isEqualTo("c");
    assertThat(folded.at("/prompt_filter_results/0/prompt_index").asInt(-1)).isZero();
    assertThat(folded.at("/choices/0/message/content").asText()).isEqualTo("a");
  }

  @Test
  void usageMayStandInTheLastChunkOfTheContent() {
    String events =
        event(chunk(piece(0, "{'role':'assistant','content':'a'}", "null"), "'usage':null"))
            + event(
                chunk(piece(0, "{'role':'assistant','content':''}", "'stop'"), "'usage':" + USAGE));

    JsonNode folded = Json.read(fold(events).orElseThrow());

    assertThat(folded.at("/choices/0/message"))
        .isEqualTo(Json.read(q("{'role':'assistant','content':'a'}")));
    assertThat(folded.path("usage")).isEqualTo(Json.read(q(USAGE)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'id':'c','choices':[{'index':0,'delta':{'content':''},'finish_reason':'error'}]}",
        "{'id':'c','choices':[{'index':0,'delta':{},'finish_reason':'abort'}]}",
        "{'id':'c','error':{'code':502},'choices':[{'index':0,'delta':{},'finish_reason':'stop'}]}",
        "{'id':'c','choices':[{'index':0,'delta':{'content':'a'},'finish_reason':null}]}",
      })
  void whatAServerSaysWhenItGivesUpIsNoEnd(String last) {
    CompletenessCheck check = Chat.LANGUAGE.check(1);

    frames(event(chunk(piece(0, "{'role':'assistant','content':'a'}", "null"))) + event(last))
        .forEach(check::add);

    assertThat(check.complete()).isFalse();
  }

  @Test
  void aRepeatedStreamIsToldFromWhereTheFirstBrokeOff() {
    String call = "{'tool_calls':[{'index':0,'id':'%s','type':'function','function':%s}]}";
    List<Frame> told =
        frames(
            event(chunk(piece(0, "{'role':'assistant','content':null}", "null")))
                + event(chunk(piece(0, call.formatted("a", "{'name':'f','arguments':''}"), "null")))
                + event(chunk(piece(0, arguments("{\\'x\\'"), "null"))));
    String repeated =
        event(
                chunk(
                    piece(
                        0,
                        "{'role':'assistant','tool_calls':[{'index':0,'id':'b','type':'function',"
                            + "'function':{'name':'f','arguments':'{\\'x\\':1'}}]}",
                        "null")))
            + event(chunk(piece(0, arguments("}"), "null")))
            + event(chunk(piece(0, "{}", "'tool_calls'")));
    ResumeMatcher matcher = Chat.LANGUAGE.resumeMatcher(told);
    StringBuilder rest = new StringBuilder();

    frames(repeated)
        .forEach(frame -> matcher.next(frame).ifPresent(next -> rest.append(event(next.text()))));

    assertThat(rest.toString())
        .isEqualTo(
            event(
                    chunk(
                        piece(
                            0,
                            "{'role':null,'tool_calls':[{'index':0,'id':null,'type':null,"
                                + "'function':{'name':null,'arguments':':1'}}]}",
                            "null")))
                + event(chunk(piece(0, arguments("}"), "null")))
                + event(chunk(piece(0, "{}", "'tool_calls'"))));
    assertThat(matcher.caughtUp()).isTrue();
  }

  @Test
  void aRepeatedStreamThatSaysSomethingElseIsAnError() {
    List<Frame> told = frames(event(chunk(piece(0, "{'content':'one two'}", "null"))));
    List<Frame> other = frames(event(chunk(piece(0, "{'content':'one three'}", "null"))));
    ResumeMatcher matcher = Chat.LANGUAGE.resumeMatcher(told);

    assertThatThrownBy(() -> matcher.next(other.get(0))).isInstanceOf(Failure.class);
  }

  private static String arguments(String part) {
    return "{'tool_calls':[{'index':0,'function':{'arguments':'" + part + "'}}]}";
  }

  private static List<Frame> frames(String events) {
    Buffer bytes = Buffer.buffer(events);
    EventSplitter splitter = new EventSplitter(bytes.length());
    splitter.feed(bytes);
    List<Frame> frames = new ArrayList<>();
    for (Frame frame = splitter.next(); frame != null; frame = splitter.next()) {
      frames.add(frame);
    }
    return frames;
  }

  @Test
  void answersWithoutUsageAnswerStreamsOnly() {
    String events = event(chunk(piece(0, "{'content':'a'}", "'stop'")));

    assertThat(fold(events)).isEmpty();
  }

  private static void fragments(
      List<String> deltas, int index, String id, String name, String arguments) {
    deltas.add(
        "{'tool_calls':[{'index':%d,'id':'%s','type':'function',".formatted(index, id)
            + "'function':{'name':'%s','arguments':''}}]}".formatted(name));
    String text = Json.read("\"" + q(arguments) + "\"").asText();
    for (String part : RandomMessage.pieces(text, 5)) {
      deltas.add(
          "{'tool_calls':[{'index':%d,'function':{'arguments':%s}}]}"
              .formatted(index, RandomMessage.quoted(part)));
    }
  }

  private static String call(String id, String name, String arguments) {
    return "{'id':'%s','type':'function','function':{'name':'%s','arguments':'%s'}}"
        .formatted(id, name, arguments);
  }

  private static String stream(int choices, List<String> deltas, String finish) {
    StringBuilder events = new StringBuilder();
    deltas.forEach(delta -> events.append(event(chunk(piece(0, delta, "null")))));
    events.append(event(chunk(piece(0, "{}", "'" + finish + "'"))));
    return events.append(event(chunk("", "'usage':" + USAGE))).toString();
  }

  private static String piece(int index, String delta, String finish) {
    return "{'index':%d,'delta':%s,'logprobs':null,'finish_reason':%s}"
        .formatted(index, delta, finish);
  }

  private static String choice(int index, String message, String logprobs, String finish) {
    return "{'index':%d,'message':%s,'logprobs':%s,'finish_reason':'%s'}"
        .formatted(index, message, logprobs, finish);
  }

  private static String chunk(String choice) {
    return chunk(choice, "'usage':null");
  }

  private static String chunk(String choice, String further) {
    return "{'id':'c','object':'chat.completion.chunk','created':1,'model':'m','choices':["
        + choice
        + "],"
        + further
        + "}";
  }

  private static String document(String... choices) {
    return q(
        "{'id':'c','object':'chat.completion','created':1,'model':'m','choices':["
            + String.join(",", Arrays.asList(choices))
            + "],'usage':"
            + USAGE
            + "}");
  }

  private static String event(String data) {
    return "data: " + q(data) + "\n\n";
  }

  private static String q(String text) {
    return text.replace("\\'", "\\u0022").replace('\'', '"');
  }

  private static Entry entry(Framing framing, String body) {
    Head head = new Head(200, HttpHeaders.headers());
    Tokens tokens = Tokens.of(9, 12);
    Fingerprint fingerprint = new Fingerprint(1, 2, 3, 4);
    return new Entry(fingerprint, framing, head, Buffer.buffer(body), tokens, 0, "m", 0);
  }

  private static Optional<String> fold(String events) {
    return Chat.LANGUAGE
        .render(entry(Framing.STREAM, events), Framing.WHOLE, false)
        .map(Buffer::toString);
  }

  private static Optional<Buffer> unfold(Buffer document, int choices) {
    return Chat.LANGUAGE.render(entry(Framing.WHOLE, document.toString()), Framing.STREAM, true);
  }

  /** Messages at random. */
  private static final class RandomMessage {
    private static final String[] TEXTS = {"", "a", " b\n", "\"q\"", "é€", "😀", "\\", "{\"x\":1}"};

    private static final List<String> TEXT_MEMBERS =
        List.of("content", "refusal", "reasoning_content", "reasoning");

    private final Random random;

    RandomMessage(Random random) {
      this.random = random;
    }

    String document(int choices) {
      List<String> all = new ArrayList<>();
      for (int index = 0; index < choices; index++) {
        String logprobs = random.nextBoolean() ? "null" : logprobs();
        String finish = random.nextBoolean() ? "stop" : "tool_calls";
        all.add(q(choice(index, "@", "#", finish)).replace("@", message()).replace("#", logprobs));
      }
      return ChatFramingsTest.document(all.toArray(String[]::new));
    }

    private String logprobs() {
      String refusal = random.nextBoolean() ? "null" : probabilities();
      return "{\"content\":" + probabilities() + ",\"refusal\":" + refusal + "}";
    }

    private String probabilities() {
      List<String> tokens = new ArrayList<>();
      for (int i = random.nextInt(4); i > 0; i--) {
        String number = "-" + random.nextInt(9) + ".50";
        tokens.add("{\"token\":" + TextNode.valueOf(text()) + ",\"logprob\":" + number + "}");
      }
      return tokens.toString();
    }

    private String message() {
      ObjectNode message = JsonNodeFactory.instance.objectNode();
      message.put("role", "assistant");
      for (String name : TEXT_MEMBERS) {
        switch (random.nextInt(name.equals("content") ? 4 : 3)) {
          case 0 -> {} // absent
          case 1 -> message.putNull(name);
          default -> message.put(name, text());
        }
      }
      int calls = random.nextInt(3);
      if (calls > 0) {
        ArrayNode all = message.putArray("tool_calls");
        for (int i = 0; i < calls; i++) {
          ObjectNode call = all.addObject().put("id", "call_" + i).put("type", "function");
          call.putObject("function").put("name", "f" + i).put("arguments", text());
        }
      }
      if (random.nextBoolean()) {
        message.putArray("annotations").add(1);
      }
      return message.toString();
    }

    private String text() {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(6); i > 0; i--) {
        text.append(TEXTS[random.nextInt(TEXTS.length)]);
      }
      return text.toString();
    }

    /** The chunks of these choices, each in its order, and among each other in any. */
    String stream(JsonNode choices) {
      List<Queue<String>> all = new ArrayList<>();
      choices.forEach(choice -> all.add(new ArrayDeque<>(pieces(choice))));
      StringBuilder events = new StringBuilder();
      while (!all.isEmpty()) {
        int next = random.nextInt(all.size());
        events.append("data: ").append(q(chunk("@"))).append("\n\n");
        events.replace(
            events.lastIndexOf("@"), events.lastIndexOf("@") + 1, all.get(next).remove());
        if (all.get(next).isEmpty()) {
          all.remove(next);
        }
      }
      return events.append(event(chunk("", "'usage':" + USAGE))).toString();
    }

    /** The choices of the chunks of one: probabilities come with any of them. */
    private List<String> pieces(JsonNode choice) {
      List<ObjectNode> deltas = cut((ObjectNode) choice.path("message"));
      List<String> pieces = new ArrayList<>();
      JsonNode left = choice.path("logprobs").deepCopy();
      for (int i = 0; i < deltas.size(); i++) {
        pieces.add(
            piece(choice, deltas.get(i).toString(), some(left, i == deltas.size() - 1), "null"));
      }
      pieces.add(piece(choice, "{}", "null", choice.path("finish_reason").toString()));
      return pieces;
    }

    private static String piece(JsonNode choice, String delta, String logprobs, String finish) {
      return "{\"index\":%s,\"delta\":%s,\"logprobs\":%s,\"finish_reason\":%s}"
          .formatted(choice.path("index"), delta, logprobs, finish);
    }

    /** Some of the probabilities that are left, or all; those are taken out. */
    private String some(JsonNode left, boolean all) {
      if (left.isNull()) {
        return "null";
      }
      ObjectNode some = JsonNodeFactory.instance.objectNode();
      for (String name : List.of("content", "refusal")) {
        if (left.path(name).isNull()) {
          some.putNull(name);
          continue;
        }
        ArrayNode taken = some.putArray(name);
        ArrayNode rest = (ArrayNode) left.path(name);
        while (!rest.isEmpty() && (all || random.nextInt(3) == 0)) {
          taken.add(rest.remove(0));
        }
      }
      return some.toString();
    }

    /** The deltas of a server that cuts texts anywhere, but no character in two. */
    private List<ObjectNode> cut(ObjectNode message) {
      List<ObjectNode> deltas = new ArrayList<>();
      ObjectNode first = message.deepCopy();
      List<String> texts = new ArrayList<>();
      for (String name : TEXT_MEMBERS) {
        if (message.path(name).isTextual()) {
          texts.add(name);
          first.put(name, "");
        }
      }
      first.remove("tool_calls");
      deltas.add(first);
      Collections.shuffle(texts, random);
      for (String name : texts) {
        for (String part : pieces(message.path(name).asText(), 1 + random.nextInt(5))) {
          deltas.add(JsonNodeFactory.instance.objectNode().put(name, part));
        }
      }
      JsonNode calls = message.path("tool_calls");
      for (int i = 0; i < calls.size(); i++) {
        ObjectNode call = ((ObjectNode) calls.get(i)).deepCopy().put("index", i);
        String arguments = call.at("/function/arguments").asText();
        ((ObjectNode) call.path("function")).put("arguments", "");
        deltas.add(
            JsonNodeFactory.instance
                .objectNode()
                .set("tool_calls", JsonNodeFactory.instance.arrayNode().add(call)));
        for (String part : pieces(arguments, 1 + random.nextInt(5))) {
          ObjectNode rest = JsonNodeFactory.instance.objectNode().put("index", i);
          rest.putObject("function").put("arguments", part);
          deltas.add(
              JsonNodeFactory.instance
                  .objectNode()
                  .set("tool_calls", JsonNodeFactory.instance.arrayNode().add(rest)));
        }
      }
      return deltas;
    }

    static List<String> pieces(String text, int length) {
      int[] points = text.codePoints().toArray();
      List<String> pieces = new ArrayList<>();
      for (int at = 0; at < points.length; at += length) {
        pieces.add(new String(points, at, Math.min(length, points.length - at)));
      }
      return pieces;
    }

    static String quoted(String text) {
      return TextNode.valueOf(text).toString().replace("\\\"", "\\u0022");
    }
  }
}
