package dev.refrain.json;

import io.vertx.core.buffer.Buffer;
import java.util.List;

/**
 * A member of a JSON object.
 *
 * @param name unescaped, to be recognised by
 * @param key as written, with its quotes
 * @param value as written
 */
public record Member(String name, Slice key, Slice value) {

  /** The first of {@code members} called {@code name}, or null. */
  public static Member find(List<Member> members, String name) {
    for (Member member : members) {
      if (member.name.equals(name)) {
        return member;
      }
    }
    return null;
  }

  /** Whether no name occurs twice; otherwise readers do not agree on what an object says. */
  public static boolean areDistinct(List<Member> members) {
    return members.stream().map(Member::name).distinct().count() == members.size();
  }

  /** Appends {@code key:value}. */
  public void appendTo(Buffer out) {
    key.appendTo(out);
    out.appendByte((byte) ':');
    value.appendTo(out);
  }
}
