package dev.refrain.openai;

import com.fasterxml.jackson.core.JsonToken;
import dev.refrain.inference.Content;
import dev.refrain.inference.Failure;
import dev.refrain.json.Canonical.CanonicalMember;
import dev.refrain.json.Edits;
import dev.refrain.json.JsonTokens;
import dev.refrain.json.Slice.Span;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Positions at which a body can be split into calls of one prompt and one choice, and obstacles to
 * it. Filled by the one pass over the body, and not changed after.
 *
 * <p>Source: the extensions of vLLM, SGLang, llama.cpp and TensorRT-LLM, by their own documents.
 */
final class SplitPoints {
  private String field = "";
  private PromptSpans prompts = PromptSpans.SINGLE;
  private long n = 1;
  private long bestOf;
  private long seed;
  private Span nAt;
  private Span bestOfAt;
  private Span seedAt;
  private List<Span> names = List.of();
  private boolean together;
  private boolean inseparable;

  private CanonicalMember promptForm;
  private CanonicalMember bestOfForm;
  private CanonicalMember seedForm;

  /** The prompts, one or several, and the field they stand in. */
  void prompts(String name, PromptSpans read) {
    field = name;
    prompts = read;
    inseparable |= !read.areDivisible();
  }

  /** One of the numbers that a part may have otherwise than the whole. */
  void number(String name, long value, JsonTokens in) {
    switch (name) {
      case "n" -> {
        n = value;
        nAt = n == 1 ? null : in.span();
      }
      case "best_of" -> {
        bestOf = value;
        bestOfAt = bestOf <= 1 ? null : in.span();
      }
      default -> {
        seed = value;
        seedAt = in.span();
      }
    }
  }

  /**
   * A field of a server's own that is present, of which the parser stands at the end.
   *
   * @param first the token it begins with
   */
  void extension(String name, JsonToken first, JsonTokens in) throws IOException {
    switch (name) {
      // beams are searched together, as candidates are
      case "use_beam_search" -> together |= first != JsonToken.VALUE_FALSE;
      // each input is read with the others as its context
      case "late_chunking" -> inseparable |= first != JsonToken.VALUE_FALSE;
      // prompts or choices that cannot be counted here
      case "prompt_embeds", "n_cmpl" -> inseparable = true;
      // a list is one for each prompt
      case "extra_key", "cache_salt", "lora_path" -> inseparable |= first == JsonToken.START_ARRAY;
      case "request_id", "rid" -> name(first, in);
      default -> {}
    }
  }

  private void name(JsonToken first, JsonTokens in) throws IOException {
    if (first != JsonToken.VALUE_STRING) {
      inseparable = true;
      return;
    }
    Span span = in.span();
    if (span.to() - span.from() > "\"\"".length()) {
      names = names.isEmpty() ? new ArrayList<>(2) : names;
      names.add(span);
    }
  }

  /** Takes the canonical form of a field that parts may have otherwise; false if it is no such. */
  boolean takes(CanonicalMember member) {
    if (member.name().equals(field)) {
      promptForm = member;
      return true;
    }
    switch (member.name()) {
      case "best_of" -> bestOfForm = member;
      case "seed" -> seedForm = member;
      default -> {
        return false;
      }
    }
    return true;
  }

  /** Fails where the numbers have no meaning together. */
  void check(boolean stream, int most) {
    if (choices() > most) {
      throw Failure.invalid("n", choices() + " choices (expected: at most " + most + ")");
    }
    if (bestOf > 0 && bestOf < n) {
      throw Failure.invalid("best_of", bestOf + " (expected: at least n, which is " + n + ")");
    }
    if (stream && bestOf > n) {
      throw Failure.invalid("best_of", "above n it cannot be streamed");
    }
  }

  /** How many prompts there are. */
  int promptCount() {
    return prompts.count();
  }

  /** Choices of each prompt. */
  int n() {
    return (int) n; // within the bounds of its field, which is an int
  }

  /** Choices of all prompts. */
  long choices() {
    return n * prompts.count();
  }

  /** Whether the choices of a prompt are drawn together, and are not what single ones would be. */
  boolean together() {
    return together || bestOf > n;
  }

  /** Whether the parts cannot be determined. */
  boolean inseparable() {
    return inseparable;
  }

  /** Whether a seed is given. */
  boolean seeded() {
    return seedAt != null;
  }

  /** The seed of a sample; beyond the greatest comes the least. */
  long seed(long sample) {
    return seed + sample;
  }

  /** Whether a call for one choice has {@code best_of} in another form than the whole. */
  boolean limitsBestOf() {
    return bestOfAt != null && bestOf == n;
  }

  /** The name of the field of the prompts; empty where there is none. */
  String field() {
    return field;
  }

  PromptSpans prompts() {
    return prompts;
  }

  CanonicalMember promptForm() {
    return promptForm;
  }

  CanonicalMember bestOfForm() {
    return bestOfForm;
  }

  CanonicalMember seedForm() {
    return seedForm;
  }

  /** Leaves one of several prompts. */
  void keepPrompt(int prompt, Edits edits) {
    if (prompts.count() > 1) {
      prompts.keep(prompt, edits);
    }
  }

  /** Leaves these prompts, in this order. */
  void keepPrompts(List<Integer> kept, Buffer original, Edits edits) {
    prompts.keep(kept, original, edits);
  }

  /** How much of the input a prompt is. */
  Content.Input input(int prompt, Buffer original) {
    return prompts.count() > 1
        ? prompts.input(prompt, original)
        : new Content.Input(original.length(), false);
  }

  /** Asks for one choice. */
  void askForOne(Edits edits) {
    ask(1, edits);
  }

  /** Sets the number of choices, where the request has several. */
  void ask(int choices, Edits edits) {
    edits.replace(nAt.from(), nAt.to(), String.valueOf(choices));
    if (limitsBestOf()) {
      edits.replace(bestOfAt.from(), bestOfAt.to(), String.valueOf(choices));
    }
  }

  /** Asks for another seed than the one given. */
  void moveSeed(long sample, Edits edits) {
    if (seeded() && sample > 0) {
      edits.replace(seedAt.from(), seedAt.to(), Long.toString(seed(sample)));
    }
  }

  /** Appends to the names that the caller gave the call, by which servers know calls under way. */
  void rename(String suffix, Edits edits) {
    for (Span name : names) {
      edits.replace(name.to() - 1, name.to() - 1, suffix);
    }
  }
}
