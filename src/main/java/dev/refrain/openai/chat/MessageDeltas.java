package dev.refrain.openai.chat;

import dev.refrain.json.Member;
import dev.refrain.json.Slice;
import dev.refrain.openai.ChoiceDelta;
import dev.refrain.openai.ChoiceDelta.Placed;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * The texts of a chunk of a chat: content, refusal, reasoning and the arguments of each call, each
 * told apart by the choice and the member it belongs to; and what is said once (role, id, type,
 * name).
 */
final class MessageDeltas {
  private static final Set<String> TEXTS =
      Set.of("content", "refusal", "reasoning_content", "reasoning", "arguments");
  private static final Set<String> ONCE = Set.of("role", "id", "type", "name");

  private final List<Placed> found = new ArrayList<>();
  private final boolean logprobs;

  private MessageDeltas(boolean logprobs) {
    this.logprobs = logprobs;
  }

  /** The deltas of a choice, in the order in which they stand. */
  static List<Placed> of(String index, String finish, List<Member> choice) throws IOException {
    MessageDeltas deltas = new MessageDeltas(ChoiceDelta.value(choice, "logprobs") != null);
    Slice delta = ChoiceDelta.value(choice, "delta");
    if (delta != null) {
      deltas.read(index, delta);
    }
    deltas.found.sort(Comparator.comparingInt(placed -> placed.text().from()));
    if (finish != null) {
      deltas.found.add(new Placed(new ChoiceDelta(index, "", finish), null, false, false));
    }
    return deltas.found;
  }

  private void read(String path, Slice object) throws IOException {
    for (Member member : object.members()) {
      Slice value = member.value();
      String name = path + "/" + member.name();
      if (value.isNull()) {
        continue;
      }
      if (TEXTS.contains(member.name()) && value.isString()) {
        add(new ChoiceDelta(name, ChoiceDelta.decoded(value), null), value, false);
      } else if (ONCE.contains(member.name())) {
        add(new ChoiceDelta(name, "1", null), value, true);
      } else if (value.isObject() && member.name().startsWith("function")) {
        read(name, value);
      } else if (value.isArray() && member.name().equals("tool_calls")) {
        calls(name, value);
      }
    }
  }

  private void calls(String path, Slice calls) throws IOException {
    for (Slice call : calls.elements()) {
      Slice index = ChoiceDelta.value(call.members(), "index");
      read(path + "/" + (index == null ? "" : index.text()), call);
    }
  }

  private void add(ChoiceDelta delta, Slice place, boolean once) {
    found.add(new Placed(delta, place, logprobs, once));
  }
}
