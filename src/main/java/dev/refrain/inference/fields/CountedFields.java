package dev.refrain.inference.fields;

import dev.refrain.inference.fields.FieldRoles.FieldRole;
import io.vertx.core.MultiMap;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * What the header of one request says that counts, as lines {@code name: value} with names in lower
 * case, sorted by name. Values of one name keep their order, because it is unknown which of them
 * the upstream uses. Lives only as long as the digest it goes into.
 *
 * @param credentials fields known to identify the caller
 * @param scope fields configured to identify the caller
 * @param key what else may change the answer
 * @param alone whether a field makes another request of it
 * @param directives directives to Refrain itself, which do not count by themselves
 */
public record CountedFields(
    List<String> credentials,
    List<String> scope,
    List<String> key,
    boolean alone,
    List<String> directives) {
  // A line is "name: value", and no name holds a colon or a blank (RFC 9110 §5.6.2).
  private static final Comparator<String> BY_NAME =
      Comparator.comparing(line -> line.substring(0, line.indexOf(':')));

  /** Reads the fields of a request. */
  public static CountedFields of(FieldRoles roles, MultiMap headers) {
    Lines lines = new Lines(roles);
    headers.forEach(lines);
    return lines.counted();
  }

  /** The same request, whose credentials do not travel and do not count. */
  public CountedFields withoutCredentials() {
    return new CountedFields(List.of(), scope, key, alone, directives);
  }

  /** Collects in one pass; most requests have one credential and nothing else. */
  private static final class Lines implements BiConsumer<String, String> {
    private final FieldRoles roles;
    private List<String> credentials = List.of();
    private List<String> scope = List.of();
    private List<String> key = List.of();
    private List<String> directives = List.of();
    private boolean alone;

    Lines(FieldRoles roles) {
      this.roles = roles;
    }

    @Override
    public void accept(String name, String value) {
      FieldRoles.Field field = roles.field(name);
      if (field.role() != FieldRole.IGNORED && field.role() != FieldRole.NOT_SENT) {
        add(field, value);
      }
    }

    private void add(FieldRoles.Field field, String value) {
      if (field.reading() == FieldReading.ALL) {
        part(field, value);
        return;
      }
      for (String part : field.reading().parts(value)) {
        part(field, part);
      }
    }

    private void part(FieldRoles.Field field, String value) {
      String line = field.name() + ": " + value;
      switch (field.role()) {
        case CREDENTIAL -> credentials = with(credentials, line);
        case SCOPE -> scope = with(scope, line);
        case KEY -> key = with(key, line);
        case DIRECTIVE -> directives = with(directives, line);
        default -> alone = true;
      }
    }

    private static List<String> with(List<String> lines, String line) {
      if (lines.isEmpty()) {
        return List.of(line);
      }
      List<String> more = lines.size() == 1 ? new ArrayList<>(lines) : lines;
      more.add(line);
      return more;
    }

    CountedFields counted() {
      return new CountedFields(sorted(credentials), sorted(scope), sorted(key), alone, directives);
    }

    private static List<String> sorted(List<String> lines) {
      if (lines.size() > 1) {
        lines.sort(BY_NAME);
      }
      return lines;
    }
  }
}
