package dev.refrain.config;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The comments of the reference file, by the path of the key below them: {@code upstreams[].url}.
 */
final class ReferenceComments {
  private static final Pattern COMMENT = Pattern.compile(" *# ?(.*)");
  private static final Pattern KEY = Pattern.compile("( *)(- )?(\\w+):.*");

  private final Map<String, String> comments = new HashMap<>();
  private final Deque<Place> above = new ArrayDeque<>();
  private final StringBuilder comment = new StringBuilder();

  private record Place(int indent, String path) {}

  private ReferenceComments() {}

  static Map<String, String> in(String yaml) {
    ReferenceComments reader = new ReferenceComments();
    yaml.lines().forEach(reader::line);
    return reader.comments;
  }

  private void line(String line) {
    Matcher key = KEY.matcher(line);
    Matcher text = COMMENT.matcher(line);
    if (text.matches()) {
      comment.append(comment.isEmpty() ? "" : " ").append(text.group(1).strip());
      return;
    }
    if (key.matches()) {
      boolean element = key.group(2) != null;
      int indent = key.group(1).length() + (element ? 2 : 0);
      while (!above.isEmpty() && above.peek().indent >= indent) {
        above.pop();
      }
      String parent = above.isEmpty() ? "" : above.peek().path;
      if (element) {
        parent += "[]";
        above.push(new Place(indent - 1, parent));
      }
      String path = ConfigTree.join(parent, key.group(3));
      above.push(new Place(indent, path));
      if (!comment.isEmpty()) {
        comments.put(path, comment.toString());
      }
    }
    comment.setLength(0);
  }
}
