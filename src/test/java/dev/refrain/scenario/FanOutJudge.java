package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.scenario.Ask.Part;
import dev.refrain.scenario.AskedCallUpstream.Call;
import dev.refrain.scenario.FanOutModel.Calls;
import dev.refrain.scenario.FanOutModel.Expected;
import dev.refrain.scenario.FanOutModel.Knowledge;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Holds what was heard, and which calls were made for it, against what was expected. */
final class FanOutJudge {
  private final AskedCallUpstream upstream;

  FanOutJudge(AskedCallUpstream upstream) {
    this.upstream = upstream;
  }

  /** Everything there is to say about a request that was alone with the proxy. */
  void judge(Ask ask, FanOutModel model, Expected expected, ClientAnswer clientAnswer) {
    assertThat(expected.outcomes()).contains(clientAnswer.outcome());
    calls(ask, expected);
    enough(ask, expected);
    if (ask.isBatch()) {
      assertThat(upstream.calls(ask.tag()).stream().map(Call::request).distinct())
          .as("calls for what is missing")
          .hasSizeLessThanOrEqualTo(1);
    }
    assertThat(clientAnswer.head().first("Retry-After").orElse(""))
        .isEqualTo(clientAnswer.outcome().equals("429") ? "7" : "");
    if (clientAnswer.answered()) {
      assertThat(expected.statuses()).anyMatch(clientAnswer.cacheStatus()::startsWith);
      answer(ask, clientAnswer);
      origins(ask, clientAnswer);
      ask.parts().forEach(part -> kept(ask, part, model, clientAnswer));
      paid(ask, clientAnswer);
    }
  }

  /** That no call was made in vain. Calls that were given up may still come when all is said. */
  void calls(Ask ask, Expected expected) {
    made(ask)
        .forEach(
            (call, count) ->
                assertThat(count)
                    .as("calls for %s", call)
                    .isLessThanOrEqualTo(expected.calls().getOrDefault(call, Calls.NONE).most()));
  }

  private void enough(Ask ask, Expected expected) {
    Map<AskedCall, Integer> made = made(ask);
    expected
        .calls()
        .forEach(
            (call, calls) ->
                assertThat(made.getOrDefault(call, 0))
                    .as("calls for %s", call)
                    .isGreaterThanOrEqualTo(calls.least()));
    if (!expected.oneOf().isEmpty()) {
      assertThat(made.keySet()).containsAnyElementsOf(expected.oneOf());
    }
  }

  private Map<AskedCall, Integer> made(Ask ask) {
    Map<AskedCall, Integer> made = new HashMap<>();
    upstream.calls(ask.tag()).forEach(call -> made.merge(call.call(), 1, Integer::sum));
    return made;
  }

  /** That an answer is one: every choice in its place, finished, and counted. */
  void answer(Ask ask, ClientAnswer clientAnswer) {
    assertThat(clientAnswer.texts()).hasSize(ask.choices());
    int completion = 0;
    for (Part part : ask.parts()) {
      for (int index : part.indexes()) {
        String text = clientAnswer.texts().get(index);
        said(part, text);
        completion += part.call().completionTokens(text);
        assertThat(clientAnswer.finishes().get(index))
            .as("finish of %d", index)
            .isEqualTo(part.upstreamFault() == UpstreamFault.NONE ? "stop" : null);
      }
    }
    usage(ask, clientAnswer, completion);
  }

  /** That somebody was answered so who asked for it. */
  private void said(Part part, String text) {
    AskedCall verse = part.call();
    int call = 0;
    if (verse.numbered()) {
      call = Integer.parseInt(text.substring(text.lastIndexOf('/') + 1));
      assertThat(upstream.call(call).call()).isEqualTo(verse);
    }
    assertThat(text).isEqualTo(verse.text(call));
  }

  private static void usage(Ask ask, ClientAnswer clientAnswer, int completion) {
    if (ask.stream() && !ask.usage()) {
      assertThat(clientAnswer.usage()).isNull();
      return;
    }
    int prompt = 0;
    int group = -1;
    for (Part part : ask.parts()) {
      prompt += part.prompt() > group ? part.call().promptTokens() : 0;
      group = part.prompt();
    }
    assertThat(clientAnswer.usage().path("prompt_tokens").asInt()).isEqualTo(prompt);
    assertThat(clientAnswer.usage().path("completion_tokens").asInt()).isEqualTo(completion);
    assertThat(clientAnswer.usage().path("total_tokens").asInt()).isEqualTo(prompt + completion);
  }

  /** That equal parts have one answer where they may share it, and else each its own. */
  private static void origins(Ask ask, ClientAnswer clientAnswer) {
    boolean shared = ask.shareable() && !ask.says("no-cache");
    Map<Object, String> texts = new HashMap<>();
    Set<String> numbered = new HashSet<>();
    for (Part part : ask.parts()) {
      String text = clientAnswer.texts().get(part.indexes().get(0));
      if (part.upstreamFault() == UpstreamFault.NONE && part.call().numbered()) {
        String before = texts.put(shared ? part.key() : part.number(), text);
        assertThat(numbered.add(text)).isEqualTo(before == null);
      }
      part.indexes().forEach(copy -> assertThat(clientAnswer.texts().get(copy)).isEqualTo(text));
    }
  }

  private void kept(Ask ask, Part part, FanOutModel model, ClientAnswer clientAnswer) {
    String text = clientAnswer.texts().get(part.indexes().get(0));
    boolean mayBeKept = ask.shareable() && !ask.says("no-cache");
    String before = model.text(part.key());
    if (mayBeKept && model.knowledge(part.key()) == Knowledge.KEPT && before != null) {
      assertThat(text).as("what is kept").isEqualTo(before);
    } else if (!mayBeKept || model.knowledge(part.key()) == Knowledge.ABSENT) {
      List<String> made = upstream.calls(ask.tag()).stream().map(Call::text).toList();
      assertThat(made).as("what was asked for").contains(text);
    }
  }

  private void paid(Ask ask, ClientAnswer clientAnswer) {
    if (!ask.stream() && !ask.undivided()) {
      int paid = upstream.calls(ask.tag()).stream().mapToInt(Call::tokens).sum();
      assertThat(clientAnswer.head().first("X-Refrain-Upstream-Tokens").orElse(""))
          .isEqualTo(Integer.toString(paid));
    }
  }
}
