package dev.refrain.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.Part;
import dev.refrain.inference.Sharing;
import dev.refrain.inference.Split;
import dev.refrain.openai.ModelRoute.Repetition;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

/** Random requests, held against what must be true of any division. */
class SplitPropertyTest {
  private static final String[] TEXTS = {
    "\"\"", "\"a\"", "\"\\u0061\\\"]\"", "\"é🐎\"", "\"[\\\\\"", "\"\\ud83d\"", "\"},{\""
  };

  @RepeatedTest(300)
  void everyChoiceIsAskedForOnceAndByACallThatSaysNothingElse(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    ModelRoute.Mode mode = pick(random, ModelRoute.Mode.values());
    Repetition choices = pick(random, Repetition.values());
    String body = body(random);
    InferenceRequest request = SplitFixture.by(mode, choices).read(body);
    if (request.split() == Split.NONE) {
      return;
    }
    boolean[] covered = new boolean[request.elements()];
    for (Part part : SplitFixture.parts(request)) {
      for (int copy = 0; copy < part.copies(); copy++) {
        for (int choice = 0; choice < part.request().elements(); choice++) {
          assertThat(covered[part.index(choice, copy)]).isFalse();
          covered[part.index(choice, copy)] = true;
        }
      }
      if (mode != ModelRoute.Mode.NATIVE) {
        isCallOfItsOwn(new JsonObject(SplitFixture.body(request)), part, mode, choices);
      }
    }
    assertThat(covered).doesNotContain(false);
    JsonObject whole = new JsonObject(SplitFixture.body(request));
    assertThat(request.elements()).isEqualTo(prompts(whole).size() * whole.getInteger("n", 1));
  }

  /** A part, read as a call of its own, is that call: one prompt, and its own fingerprint. */
  private static void isCallOfItsOwn(
      JsonObject whole, Part part, ModelRoute.Mode mode, Repetition repetition) {
    String body = SplitFixture.body(part.request());
    JsonObject json = new JsonObject(body);
    assertThat(prompts(json)).containsExactly(prompts(whole).get(part.group()));
    assertThat(json.getInteger("n", 1)).isEqualTo(part.request().elements());
    InferenceRequest alone = SplitFixture.by(mode, repetition).read(body);
    assertThat(alone.elements()).isEqualTo(part.request().elements());
    assertThat(alone.framing()).isEqualTo(part.request().framing());
    boolean sampleZero = part.first() % whole.getInteger("n", 1) == 0;
    if (sampleZero || json.getValue("seed") != null) {
      assertThat(part.request().sharing()).isEqualTo(alone.sharing());
    } else if (part.request().sharing() instanceof Sharing.Shareable) {
      assertThat(part.request().sharing()).isNotEqualTo(alone.sharing());
    }
    assertThat(rest(json)).isEqualTo(rest(whole));
    assertThat(new TreeSet<>(json.fieldNames())).isEqualTo(new TreeSet<>(whole.fieldNames()));
  }

  private static JsonObject rest(JsonObject json) {
    JsonObject rest = json.copy();
    List.of("prompt", "n", "best_of", "seed").forEach(rest::remove);
    return rest;
  }

  private static List<Object> prompts(JsonObject json) {
    Object prompt = json.getValue("prompt");
    if (!(prompt instanceof JsonArray array)) {
      return Collections.singletonList(prompt);
    }
    return array.getValue(0) instanceof Integer ? List.of(array) : array.stream().toList();
  }

  private static String body(Random random) {
    List<String> members = new ArrayList<>();
    members.add("\"model\":\"m\"");
    members.add("\"x\" : [1.0,{\"n\":2,\"prompt\":[\"a\",\"b\"]}]");
    int n = 1 + random.nextInt(4);
    maybe(random, "\"n\" :" + spelled(random, n), members);
    boolean many = members.size() == 3 && n > 1;
    if (many) {
      maybe(random, "\"best_of\":" + spelled(random, n), members);
    }
    maybe(random, "\"prompt\" : " + prompt(random), members);
    maybe(random, "\"seed\":" + spelled(random, random.nextLong()), members);
    maybe(random, "\"temperature\":" + spelled(random, random.nextInt(2)), members);
    maybe(random, "\"stream\":" + random.nextBoolean(), members);
    Collections.shuffle(members, random);
    return "\n{" + String.join(random.nextBoolean() ? "," : "\r\n, ", members) + " }";
  }

  private static void maybe(Random random, String member, List<String> members) {
    if (random.nextInt(3) > 0) {
      members.add(member);
    }
  }

  private static String spelled(Random random, long number) {
    return random.nextBoolean() ? "\"" + number + "\"" : " " + number + " ";
  }

  private static String prompt(Random random) {
    switch (random.nextInt(4)) {
      case 0 -> {
        return pick(random, TEXTS);
      }
      case 1 -> {
        return tokens(random);
      }
      default -> {
        boolean texts = random.nextBoolean();
        List<String> prompts = new ArrayList<>();
        for (int i = random.nextInt(5); i >= 0; i--) {
          prompts.add(texts ? pick(random, TEXTS) : tokens(random));
        }
        return "[ " + String.join(random.nextBoolean() ? "," : " ,\n", prompts) + "\t]";
      }
    }
  }

  private static String tokens(Random random) {
    return "[" + random.nextInt(9) + (random.nextBoolean() ? " , 7" : "") + "]";
  }

  private static <T> T pick(Random random, T[] all) {
    return all[random.nextInt(all.length)];
  }
}
