package dev.refrain.openai;

import dev.refrain.inference.Part;
import dev.refrain.json.Member;
import dev.refrain.json.Slice;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Usage of all parts of a request, as a single call would have reported it.
 *
 * <p>What is said of the input is counted once a group, from the group's first part: {@code
 * prompt_tokens}, {@code prompt_tokens_details} and whatever else begins with {@code prompt} or
 * {@code input} or is called {@code cached_tokens}. Every other number is counted for each part and
 * each copy; {@code total_tokens} is the sum of prompt and completion tokens where both are whole
 * numbers from zero on, and else of what the parts say it is. What is not a number is taken from
 * the first.
 *
 * <p>Source: the OpenAI API reference, CompletionUsage.
 */
final class UsageSum {
  private final UsageAccumulator usageAccumulator = UsageAccumulator.ofObjects();
  private final Set<Integer> groups = new HashSet<>();
  private boolean known = true;

  /** Whether this reports a usage: an object with a number in it. */
  static boolean isReported(Slice usage) {
    try {
      return usage != null && usage.isObject() && hasNumber(UsageAccumulator.members(usage));
    } catch (IOException doubtful) {
      return false;
    }
  }

  private static boolean hasNumber(List<Member> members) {
    return members.stream().anyMatch(member -> member.value().isNumber());
  }

  /** Adds what a part reports; without usage ({@code null}) nothing is known of the whole. */
  void add(Part part, Slice usage) {
    if (!isReported(usage)) {
      known = false;
      return;
    }
    int input = groups.add(part.group()) ? 1 : 0;
    try {
      for (Member member : UsageAccumulator.members(usage)) {
        int times = isOfInput(member.name()) ? input : part.copies();
        usageAccumulator.member(member).add(member.value(), times);
      }
    } catch (IOException doubtful) {
      known = false;
    }
  }

  /** The usage of the whole, as JSON; empty if a part did not report any. */
  Optional<byte[]> json() {
    if (!known) {
      return Optional.empty();
    }
    total();
    Buffer out = Buffer.buffer(128);
    usageAccumulator.appendTo(out);
    return Optional.of(out.getBytes());
  }

  private void total() {
    boolean said =
        usageAccumulator.hasSum("prompt_tokens") && usageAccumulator.hasSum("total_tokens");
    BigDecimal prompt = usageAccumulator.count("prompt_tokens");
    // scoring has no completion tokens to report
    BigDecimal completion = usageAccumulator.count("completion_tokens");
    if (said && prompt != null && completion != null) {
      usageAccumulator.replace("total_tokens", prompt.add(completion));
    }
  }

  static boolean isOfInput(String name) {
    return name.startsWith("prompt") || name.startsWith("input") || name.equals("cached_tokens");
  }
}
