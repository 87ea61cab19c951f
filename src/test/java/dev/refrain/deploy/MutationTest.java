package dev.refrain.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The rules are enough: every field of every manifest is deleted and misspelt once, and every text
 * changed, and each time a rule must fail. That they hold as they are is {@link ManifestsTest}.
 */
class MutationTest {
  @ParameterizedTest
  @ValueSource(strings = {Rollout.DEV, Rollout.PROD})
  void nothingIsDeletedOrMisspeltUnnoticed(String overlay) {
    List<ObjectNode> manifests = Rollout.manifests(overlay);
    Rollout intact = Rollout.of(overlay);
    List<String> unnoticed = new ArrayList<>();
    int mutations = 0;
    try (Program program = new Program()) {
      List<Rule> rules = Rule.all(program);
      assertThat(isAccepted(intact, 0, manifests.get(0), rules)).isTrue();
      for (int i = 0; i < manifests.size(); i++) {
        for (Mutation mutation : mutations(manifests.get(i))) {
          mutations++;
          if (isAccepted(intact, i, mutation.of(manifests.get(i)), rules)) {
            unnoticed.add(Kustomization.identity(manifests.get(i)) + " " + mutation.said());
          }
        }
      }
    }
    assertThat(unnoticed).isEmpty();
    assertThat(mutations).isGreaterThan(500);
  }

  private static boolean isAccepted(Rollout intact, int i, ObjectNode mutant, List<Rule> rules) {
    try {
      Rollout rollout = intact.with(i, StrictModel.read(mutant));
      rules.forEach(rule -> rule.holds(rollout));
      return true;
    } catch (AssertionError noticed) {
      return false;
    }
  }

  /**
   * One change to a manifest.
   *
   * @param pointer to what holds the changed field
   */
  private record Mutation(String pointer, String said, Consumer<JsonNode> change) {
    ObjectNode of(ObjectNode manifest) {
      ObjectNode copy = manifest.deepCopy();
      change.accept(copy.at(pointer));
      return copy;
    }
  }

  private static List<Mutation> mutations(ObjectNode manifest) {
    List<Mutation> mutations = new ArrayList<>();
    visit("", manifest, mutations);
    return mutations;
  }

  private static void visit(String at, JsonNode node, List<Mutation> mutations) {
    if (node instanceof ObjectNode section) {
      section.fieldNames().forEachRemaining(key -> visitKey(at, section, key, mutations));
    } else if (node instanceof ArrayNode list) {
      IntStream.range(0, list.size()).forEach(i -> visitElement(at, list, i, mutations));
    }
  }

  private static void visitKey(
      String at, ObjectNode section, String key, List<Mutation> mutations) {
    String place = at + "/" + key.replace("~", "~0").replace("/", "~1");
    JsonNode value = section.get(key);
    mutations.add(new Mutation(at, "- " + place, node -> ((ObjectNode) node).remove(key)));
    mutations.add(new Mutation(at, "x " + place, node -> misspell((ObjectNode) node, key)));
    if (value.isTextual()) {
      mutations.add(
          new Mutation(at, "~ " + place, node -> ((ObjectNode) node).put(key, wrong(value))));
    }
    visit(place, value, mutations);
  }

  private static void visitElement(String at, ArrayNode list, int i, List<Mutation> mutations) {
    String place = at + "/" + i;
    JsonNode value = list.get(i);
    mutations.add(new Mutation(at, "- " + place, node -> ((ArrayNode) node).remove(i)));
    if (value.isTextual()) {
      mutations.add(
          new Mutation(at, "~ " + place, node -> ((ArrayNode) node).set(i, wrong(value))));
    }
    visit(place, value, mutations);
  }

  private static void misspell(ObjectNode section, String key) {
    section.set(key + "x", section.remove(key));
  }

  private static String wrong(JsonNode text) {
    return text.asText() + "x";
  }
}
