package dev.refrain.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * One change to a document: a field or element deleted ({@code -}), a field misspelt ({@code x}), a
 * text changed ({@code ~}).
 *
 * @param pointer to what holds the changed field
 * @param said the kind of change and where it is
 */
record Mutation(String pointer, String said, Consumer<JsonNode> change) {
  ObjectNode of(ObjectNode document) {
    ObjectNode copy = document.deepCopy();
    change.accept(copy.at(pointer));
    return copy;
  }

  /** The same for a document that was the part at {@code part}. */
  Mutation within(String part) {
    return new Mutation(pointer.substring(part.length()), said, change);
  }

  /** All of a document. */
  static List<Mutation> all(ObjectNode document) {
    List<Mutation> mutations = new ArrayList<>();
    visit("", document, mutations);
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
