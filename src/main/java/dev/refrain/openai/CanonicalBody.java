package dev.refrain.openai;

import com.fasterxml.jackson.core.JsonToken;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Framing;
import dev.refrain.json.Canonical;
import dev.refrain.json.Canonical.CanonicalMember;
import dev.refrain.json.CanonicalText;
import dev.refrain.json.Edits;
import dev.refrain.json.JsonTokens;
import dev.refrain.json.Utf8;
import dev.refrain.openai.RequestSchema.Bounds;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Request bodies as a cassette compares them: canonical JSON of what the fingerprint sees, with
 * framing and state, which it does not see. A body of another endpoint, or one that the endpoint's
 * scan does not take, is canonical JSON of all that it says.
 *
 * <p>Lives on one thread; uses its buffers again and again.
 *
 * <p>Source: docs/internals/decisions/0004 (fingerprint) and 0080 (cassettes).
 */
public final class CanonicalBody {
  // A recorded request was sent, whatever a server thought of its numbers.
  private static final Bounds WIDE =
      new Bounds(1 << 20, 1 << 20, 1 << 20, 1e9, 1 << 20, Bounds.PUBLISHED.elements());

  // Some gateways take the key of the server behind them in the body, and tools those of theirs.
  private static final Pattern CREDENTIAL =
      Pattern.compile(
          "(?i)\"(?:(?:proxy-)?authorization|(?:x-)?api[-_]?key|access[-_]?token"
              + "|client[-_]?secret|password)\"");
  private static final String REMOVED = "\"[credential]\"";

  private final Map<String, Map<String, Field>> tables = new HashMap<>();
  private final Canonical canonical = new Canonical();

  /** Bodies of requests to these endpoints, and to others. */
  public CanonicalBody(List<EndpointDefinition> api) {
    for (EndpointDefinition each : api) {
      Map<String, Field> table = new HashMap<>(each.request().table(WIDE));
      table.replaceAll((name, field) -> counted(field));
      tables.put(each.endpoint().path(), Map.copyOf(table));
    }
  }

  // That a call depends on a state is no reason to take it for another one.
  private static Field counted(Field field) {
    return field.role() == Field.KeyRole.STATEFUL ? Field.of(field.name(), field.type()) : field;
  }

  /**
   * The canonical text of a body.
   *
   * @param path without the query
   * @return one line of JSON; empty if the body is not JSON
   */
  public Optional<String> of(String path, byte[] body) {
    if (Utf8.firstInvalid(body) >= 0) {
      return Optional.empty();
    }
    Map<String, Field> table = tables.get(path);
    Optional<String> understood = table == null ? Optional.empty() : scanned(table, body);
    return (understood.isPresent() ? understood : whole(body))
        .map(CanonicalBody::withoutCredentials);
  }

  /** Values of members that are credentials by their names, at any depth, are replaced. */
  private static String withoutCredentials(String text) {
    if (!CREDENTIAL.matcher(text).find()) {
      return text;
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    JsonTokens in = new JsonTokens(bytes);
    Edits edits = new Edits();
    try {
      boolean credential = false;
      for (JsonToken token = in.nextToken(); token != null; token = in.nextToken()) {
        if (credential && token == JsonToken.VALUE_STRING) {
          edits.replace(in.from(), in.to(), REMOVED);
        }
        credential =
            token == JsonToken.FIELD_NAME
                && CREDENTIAL.matcher('"' + in.currentName() + '"').matches();
      }
    } catch (IOException notJson) {
      throw new IllegalStateException("canonical text is JSON", notJson);
    }
    return edits.applyTo(Buffer.buffer(bytes)).toString();
  }

  private Optional<String> scanned(Map<String, Field> table, byte[] body) {
    BodyScan scan = new BodyScan(table, canonical, WIDE.elements());
    try {
      scan.scan(body);
      return scan.understood() ? Optional.of(text(scan)) : Optional.empty();
    } catch (Failure notUnderstood) {
      return Optional.empty();
    } finally {
      canonical.clear();
    }
  }

  private Optional<String> whole(byte[] body) {
    canonical.begin(body);
    JsonTokens in = new JsonTokens(body);
    try {
      if (in.nextToken() == null) {
        return Optional.empty();
      }
      canonical.value(in);
      return in.nextToken() == null
          ? Optional.of(CanonicalText.of(canonical.bytes(), 0, canonical.length()))
          : Optional.empty();
    } catch (IOException | Failure notJson) {
      return Optional.empty();
    } finally {
      canonical.clear();
    }
  }

  private String text(BodyScan scan) {
    Map<String, String> members = new TreeMap<>();
    Map<String, String> options = new TreeMap<>();
    for (CanonicalMember member : scan.members()) {
      if (member.name().startsWith(StreamOptions.PREFIX)) {
        // Behind its own name stands the one it has in there.
        options.put(member.name(), text(member).substring(StreamOptions.NAMED.length()));
      } else {
        members.put(member.name(), text(member));
      }
    }
    SplitPoints points = scan.points();
    add(members, points.promptForm());
    add(members, points.bestOfForm());
    add(members, points.seedForm());
    if (points.n() != 1) {
      members.put("n", "\"n\":" + points.n());
    }
    if (scan.framing() == Framing.STREAM) {
      members.put("stream", "\"stream\":true");
    }
    if (scan.usage()) {
      options.put(StreamOptions.PREFIX + "include_usage", "\"include_usage\":true");
    }
    if (!options.isEmpty()) {
      String inside = String.join(",", options.values());
      members.put("stream_options", StreamOptions.NAMED + "{" + inside + "}");
    }
    return "{" + String.join(",", members.values()) + "}";
  }

  private void add(Map<String, String> members, CanonicalMember member) {
    if (member != null) {
      members.put(member.name(), text(member));
    }
  }

  private String text(CanonicalMember member) {
    return CanonicalText.of(canonical.bytes(), member.from(), member.to());
  }
}
