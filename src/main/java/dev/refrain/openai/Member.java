package dev.refrain.openai;

import io.vertx.core.buffer.Buffer;
import java.util.List;

/**
 * A member of a JSON object.
 *
 * @param name unescaped, to be recognised by
 * @param key as written, with its quotes
 * @param value as written
 */
record Member(String name, Slice key, Slice value) {

  /** The first of {@code members} called {@code name}, or null. */
  static Member find(List<Member> members, String name) {
    for (Member member : members) {
      if (member.name.equals(name)) {
        return member;
      }
    }
    return null;
  }

  /** Appends {@code key:value}. */
  void appendTo(Buffer out) {
    key.appendTo(out);
    out.appendByte((byte) ':');
    value.appendTo(out);
  }
}
