package dev.refrain.json;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Merges objects, with members in the order of their first appearance. */
public final class ObjectMerge {
  private final Map<String, MergeRule> rules;
  private final MergeRule otherwise;
  private final Map<String, MemberMerge> members = new LinkedHashMap<>();
  private int pieces;

  /** An empty object whose members follow {@code rules}, and {@code otherwise} those not named. */
  public ObjectMerge(Map<String, MergeRule> rules, MergeRule otherwise) {
    this.rules = rules;
    this.otherwise = otherwise;
  }

  /** Another piece of the object. */
  public void add(List<Member> piece) throws NotMergeable {
    pieces++;
    if (!Member.areDistinct(piece)) {
      throw new NotMergeable("a name occurs twice");
    }
    for (Member member : piece) {
      members
          .computeIfAbsent(member.name(), name -> new MemberMerge(member.key(), ruleOf(name)))
          .add(member.value());
    }
  }

  /** Fails unless lists that run side by side (tokens, their logprobs) are in every piece. */
  void requireAligned() throws NotMergeable {
    for (MemberMerge member : members.values()) {
      if (!member.isAligned(pieces)) {
        throw new NotMergeable("parallel lists differ in length");
      }
    }
  }

  /** Fails unless members of no known meaning are in every piece, or in one. */
  void requireConstant() throws NotMergeable {
    for (MemberMerge member : members.values()) {
      if (!member.isConstant(pieces)) {
        throw new NotMergeable("a member that some pieces have");
      }
    }
  }

  /** A member; null if there is none. */
  public MemberMerge get(String name) {
    return members.get(name);
  }

  /** Forgets a member. */
  public void drop(String name) {
    members.remove(name);
  }

  /** Gives a member that is there another name, in its place. */
  public void rename(String name, String other) {
    Map<String, MemberMerge> renamed = new LinkedHashMap<>();
    members.forEach(
        (each, merge) ->
            renamed.put(
                each.equals(name) ? other : each, each.equals(name) ? merge.named(other) : merge));
    members.clear();
    members.putAll(renamed);
  }

  /** Puts a member that is there behind all others. */
  public void putLast(String name) {
    members.put(name, members.remove(name));
  }

  /** Appends the object. */
  public void appendTo(Buffer out) throws IOException {
    out.appendByte((byte) '{');
    appendTo(out, members.values());
    out.appendByte((byte) '}');
  }

  private MergeRule ruleOf(String name) {
    return rules.getOrDefault(name, otherwise);
  }

  private static void appendTo(Buffer out, Collection<MemberMerge> members) throws IOException {
    boolean first = true;
    for (MemberMerge member : members) {
      if (!first) {
        out.appendByte((byte) ',');
      }
      member.appendTo(out);
      first = false;
    }
  }

  /**
   * A stream does not correspond to exactly one document. Without a stack trace: it is an outcome.
   */
  public static final class NotMergeable extends IOException {
    private static final long serialVersionUID = 1L;

    public NotMergeable(String message) {
      super(message);
    }

    @Override
    public Throwable fillInStackTrace() {
      return this;
    }
  }
}
