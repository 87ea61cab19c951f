package dev.refrain.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.scenario.Ask.Part;
import dev.refrain.scenario.FanOutModel.Belief;
import dev.refrain.scenario.FanOutModel.Calls;
import dev.refrain.scenario.FanOutModel.Expected;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Holds what was heard, and which calls were made for it, against what was expected. */
final class FanOutJudge {
  private final VerseUpstream upstream;

  FanOutJudge(VerseUpstream upstream) {
    this.upstream = upstream;
  }

  /** Everything there is to say about a request that was alone with the proxy. */
  void judge(Ask ask, FanOutModel model, Expected expected, Heard heard) {
    assertThat(expected.outcomes()).contains(heard.outcome());
    calls(ask, expected);
    enough(ask, expected);
    assertThat(heard.head().first("Retry-After").orElse(""))
        .isEqualTo(heard.outcome().equals("429") ? "7" : "");
    if (heard.answered()) {
      assertThat(expected.statuses()).anyMatch(heard.cacheStatus()::startsWith);
      answer(ask, heard);
      origins(ask, heard);
      ask.parts().forEach(part -> kept(ask, part, model, heard));
      paid(ask, heard);
    }
  }

  /** That no call was made in vain. Calls that were given up may still come when all is said. */
  void calls(Ask ask, Expected expected) {
    made(ask)
        .forEach(
            (verse, count) ->
                assertThat(count)
                    .as("calls for %s", verse)
                    .isLessThanOrEqualTo(expected.calls().getOrDefault(verse, Calls.NONE).most()));
  }

  private void enough(Ask ask, Expected expected) {
    Map<Verse, Integer> made = made(ask);
    expected
        .calls()
        .forEach(
            (verse, calls) ->
                assertThat(made.getOrDefault(verse, 0))
                    .as("calls for %s", verse)
                    .isGreaterThanOrEqualTo(calls.least()));
    if (!expected.oneOf().isEmpty()) {
      assertThat(made.keySet()).containsAnyElementsOf(expected.oneOf());
    }
  }

  private Map<Verse, Integer> made(Ask ask) {
    Map<Verse, Integer> made = new HashMap<>();
    upstream.calls(ask.tag()).forEach(call -> made.merge(call.verse(), 1, Integer::sum));
    return made;
  }

  /** That an answer is one: every choice in its place, finished, and counted. */
  void answer(Ask ask, Heard heard) {
    assertThat(heard.texts()).hasSize(ask.choices());
    int completion = 0;
    for (Part part : ask.parts()) {
      for (int index : part.indexes()) {
        String text = heard.texts().get(index);
        said(part, text);
        completion += Verse.completionTokens(text);
        assertThat(heard.finishes().get(index))
            .as("finish of %d", index)
            .isEqualTo(part.trouble() == Trouble.NONE ? "stop" : null);
      }
    }
    usage(ask, heard, completion);
  }

  /** That somebody was answered so who asked for it. */
  private void said(Part part, String text) {
    Verse verse = part.verse();
    int call = 0;
    if (verse.numbered()) {
      call = Integer.parseInt(text.substring(text.lastIndexOf('/') + 1));
      assertThat(upstream.call(call).verse()).isEqualTo(verse);
    }
    assertThat(text).isEqualTo(verse.text(call));
  }

  private static void usage(Ask ask, Heard heard, int completion) {
    if (ask.stream() && !ask.usage()) {
      assertThat(heard.usage()).isNull();
      return;
    }
    int prompt = 0;
    int group = -1;
    for (Part part : ask.parts()) {
      prompt += part.prompt() > group ? part.verse().promptTokens() : 0;
      group = part.prompt();
    }
    assertThat(heard.usage().path("prompt_tokens").asInt()).isEqualTo(prompt);
    assertThat(heard.usage().path("completion_tokens").asInt()).isEqualTo(completion);
    assertThat(heard.usage().path("total_tokens").asInt()).isEqualTo(prompt + completion);
  }

  /** That equal parts have one answer where they may share it, and else each its own. */
  private static void origins(Ask ask, Heard heard) {
    boolean shared = ask.shareable() && !ask.says("no-cache");
    Map<Object, String> texts = new HashMap<>();
    Set<String> numbered = new HashSet<>();
    for (Part part : ask.parts()) {
      String text = heard.texts().get(part.indexes().get(0));
      if (part.trouble() == Trouble.NONE && part.verse().numbered()) {
        String before = texts.put(shared ? part.key() : part.number(), text);
        assertThat(numbered.add(text)).isEqualTo(before == null);
      }
      part.indexes().forEach(copy -> assertThat(heard.texts().get(copy)).isEqualTo(text));
    }
  }

  private void kept(Ask ask, Part part, FanOutModel model, Heard heard) {
    String text = heard.texts().get(part.indexes().get(0));
    boolean mayBeKept = ask.shareable() && !ask.says("no-cache");
    String before = model.text(part.key());
    if (mayBeKept && model.belief(part.key()) == Belief.KEPT && before != null) {
      assertThat(text).as("what is kept").isEqualTo(before);
    } else if (!mayBeKept || model.belief(part.key()) == Belief.ABSENT) {
      List<String> made = upstream.calls(ask.tag()).stream().map(VerseUpstream.Call::text).toList();
      assertThat(made).as("what was asked for").contains(text);
    }
  }

  private void paid(Ask ask, Heard heard) {
    if (!ask.stream() && !ask.undivided()) {
      int paid = upstream.calls(ask.tag()).stream().mapToInt(VerseUpstream.Call::tokens).sum();
      assertThat(heard.head().first("X-Refrain-Upstream-Tokens").orElse(""))
          .isEqualTo(Integer.toString(paid));
    }
  }
}
