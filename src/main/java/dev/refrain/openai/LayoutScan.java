package dev.refrain.openai;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.fasterxml.jackson.core.JsonParseException;
import dev.refrain.json.JsonCursor;
import dev.refrain.json.Slice.Span;
import dev.refrain.openai.Choice.Spelling;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Finds the positions of an {@link AnswerLayout} in one pass over the document. */
final class LayoutScan {
  private static final byte[] ID = "id".getBytes(US_ASCII);
  private static final byte[] OBJECT = "object".getBytes(US_ASCII);
  private static final byte[] USAGE = "usage".getBytes(US_ASCII);
  private static final byte[] ERROR = "error".getBytes(US_ASCII);
  private static final byte[] INDEX = "index".getBytes(US_ASCII);
  private static final byte[] QUOTED_ERROR = "\"error\"".getBytes(US_ASCII);
  private static final int EMPTY_STRING = 2;
  private static final int MOST_DIGITS = 9;

  private final AnswerShape shape;
  private final byte[] bytes;
  private final JsonCursor cursor;
  private final List<Choice> choices = new ArrayList<>(1);
  private Span id;
  private Span array;
  private Span usage;
  private Span usageCut;
  private boolean usageIsFirst;
  private boolean error;

  LayoutScan(AnswerShape shape, byte[] bytes, int from, int to) {
    this.shape = shape;
    this.bytes = bytes;
    cursor = JsonCursor.lenient(bytes, from, to);
  }

  /** Walks over the whole document; called once. */
  AnswerLayout layout() throws IOException {
    int before = -1;
    if (cursor.enter('{', '}')) {
      do {
        int key = cursor.name();
        if (usageIsFirst) {
          usageCut = new Span(usageCut.from(), key);
          usageIsFirst = false;
        }
        member(before < 0 ? key : before);
        usageIsFirst = before < 0 && usage != null;
        before = cursor.at();
      } while (cursor.another('}'));
    }
    cursor.end();
    return new AnswerLayout(id, array, choices, usage, usageCut, error);
  }

  /** Reads a member that would be cut from {@code cut} on. */
  private void member(int cut) throws IOException {
    if (cursor.isNamed(shape.arrayName())) {
      array = once(array, choices());
      return;
    }
    boolean isId = cursor.isNamed(ID);
    boolean isUsage = cursor.isNamed(USAGE);
    boolean isObject = cursor.isNamed(OBJECT);
    boolean isError = cursor.isNamed(ERROR);
    int from = cursor.at();
    cursor.value();
    int to = cursor.at();
    if (isId) {
      id = once(id, bytes[from] == '"' && to - from > EMPTY_STRING ? new Span(from, to) : null);
    } else if (isUsage && bytes[from] != 'n') {
      usage = once(usage, new Span(from, to));
      usageCut = new Span(cut, to);
    } else if (isError) {
      error |= bytes[from] != 'n';
    } else if (isObject) {
      error |= Arrays.equals(bytes, from, to, QUOTED_ERROR, 0, QUOTED_ERROR.length);
    }
  }

  private Span choices() throws IOException {
    int from = cursor.at();
    if (cursor.peek() == 'n') {
      cursor.value();
      return null;
    }
    if (cursor.enter('[', ']')) {
      do {
        choices.add(choice());
      } while (cursor.another(']'));
    }
    return new Span(from, cursor.at());
  }

  private Choice choice() throws IOException {
    int from = cursor.at();
    Span index = null;
    boolean empty = !cursor.enter('{', '}');
    if (!empty) {
      do {
        cursor.name();
        boolean isIndex = cursor.isNamed(INDEX);
        int value = cursor.at();
        cursor.value();
        index = isIndex ? once(index, new Span(value, cursor.at())) : index;
      } while (cursor.another('}'));
    }
    int to = cursor.at();
    if (index != null) {
      return new Choice(from, to, index, Spelling.VALUE, number(index));
    }
    Spelling spelling = empty ? Spelling.ONLY_MEMBER : Spelling.FIRST_MEMBER;
    return new Choice(from, to, new Span(from + 1, from + 1), spelling, -1);
  }

  private int number(Span literal) {
    if (literal.to() - literal.from() > MOST_DIGITS) {
      return -1;
    }
    int number = 0;
    for (int at = literal.from(); at < literal.to(); at++) {
      int digit = bytes[at] - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      number = number * 10 + digit;
    }
    return number;
  }

  private static Span once(Span before, Span now) throws IOException {
    if (before != null && now != null) {
      throw new JsonParseException(null, "a name occurs twice");
    }
    return now == null ? before : now;
  }
}
