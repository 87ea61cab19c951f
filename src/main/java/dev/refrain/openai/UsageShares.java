package dev.refrain.openai;

import dev.refrain.json.Member;
import dev.refrain.json.Slice;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/**
 * The usage of one call divided among the parts that it served. Each number is divided in
 * proportion to the parts' weights, so that the shares add up to it; {@code total_tokens} of a part
 * is the sum of its prompt and completion tokens. Anything that is not a whole number is repeated.
 *
 * <p>Source: the OpenAI API reference, CompletionUsage; docs/internals/decisions/0060.
 */
final class UsageShares {
  private final long[] input;
  private final long[] output;
  private final Buffer[] shares;
  private long[] prompt;
  private long[] completion;

  private UsageShares(long[] input, long[] output) {
    this.input = cumulated(input);
    this.output = cumulated(output);
    this.shares = new Buffer[input.length];
    Arrays.setAll(shares, part -> Buffer.buffer(96));
  }

  /**
   * Divides a usage.
   *
   * @param input how much of the input each part has, in any unit
   * @param output how much of the output each part has, in any unit
   * @return one JSON object for each part
   * @throws IOException when the usage is not a JSON object
   */
  static List<Buffer> of(Slice usage, long[] input, long[] output) throws IOException {
    UsageShares shares = new UsageShares(input, output);
    shares.object(usage, false);
    return List.of(shares.shares);
  }

  private void object(Slice object, boolean ofInput) throws IOException {
    List<Member> members = UsageAccumulator.members(object);
    char before = '{';
    for (Member member : members) {
      for (Buffer share : shares) {
        share.appendByte((byte) before);
        member.key().appendTo(share);
        share.appendByte((byte) ':');
      }
      before = ',';
      member(member, ofInput || UsageSum.isOfInput(member.name()));
    }
    for (Buffer share : shares) {
      share.appendString(members.isEmpty() ? "{}" : "}");
    }
  }

  private void member(Member member, boolean ofInput) throws IOException {
    Slice value = member.value();
    BigDecimal number = UsageAccumulator.number(value);
    if (number != null && isWhole(number)) {
      long[] divided = divided(member.name(), number.longValueExact(), ofInput);
      for (int part = 0; part < shares.length; part++) {
        shares[part].appendString(Long.toString(divided[part]));
      }
    } else if (value.isObject()) {
      object(value, ofInput);
    } else {
      for (Buffer share : shares) {
        value.appendTo(share);
      }
    }
  }

  private static boolean isWhole(BigDecimal number) {
    return UsageAccumulator.isCount(number)
        && number.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) <= 0;
  }

  private long[] divided(String name, long total, boolean ofInput) {
    if (name.equals("total_tokens")) {
      return total(total);
    }
    long[] divided = divided(total, ofInput ? input : output);
    if (name.equals("prompt_tokens")) {
      prompt = divided;
    } else if (name.equals("completion_tokens")) {
      completion = divided;
    }
    return divided;
  }

  private long[] total(long total) {
    long[] parts = prompt == null ? new long[shares.length] : prompt.clone();
    if (completion != null) {
      Arrays.setAll(parts, part -> parts[part] + completion[part]);
    }
    return LongStream.of(parts).sum() == total ? parts : divided(total, input);
  }

  // Differences of rounded running totals: no share is off by more than one, and none is lost.
  private static long[] divided(long total, long[] running) {
    BigInteger all = BigInteger.valueOf(running[running.length - 1]);
    long[] shares = new long[running.length];
    long before = 0;
    for (int part = 0; part < shares.length; part++) {
      BigInteger upTo = BigInteger.valueOf(total).multiply(BigInteger.valueOf(running[part]));
      long now = upTo.divide(all).longValueExact();
      shares[part] = now - before;
      before = now;
    }
    return shares;
  }

  private static long[] cumulated(long[] weights) {
    boolean none = LongStream.of(weights).allMatch(weight -> weight == 0);
    long[] running = new long[weights.length];
    long sum = 0;
    for (int part = 0; part < running.length; part++) {
      sum += none ? 1 : weights[part];
      running[part] = sum;
    }
    return running;
  }
}
