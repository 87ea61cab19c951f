package dev.refrain.openai;

import com.fasterxml.jackson.core.JsonToken;
import dev.refrain.inference.Failure;
import dev.refrain.inference.FieldDigests;
import dev.refrain.inference.InferenceRequest;
import dev.refrain.inference.Sample;
import dev.refrain.inference.fields.CountedFields;
import dev.refrain.inference.fields.FieldRoles;
import dev.refrain.json.Canonical;
import dev.refrain.json.JsonTokens;
import dev.refrain.openai.RequestSchema.Bounds;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;

/**
 * Makes {@link FieldDigests} of requests, for answers that are stored: reads the body once more,
 * without checking it, and takes what its fingerprint was made of. Bodies that are large, and parts
 * of requests with many parts, get none.
 *
 * <p>Threads: one for each event loop; it uses its buffers again and again.
 */
public final class RequestDigests implements Function<InferenceRequest, FieldDigests> {
  private static final int LARGEST = 256 * 1024;
  private static final int MOST_PARTS = 64;

  private final Map<String, Map<String, Field>> tables;
  private final FieldRoles roles;
  private final Canonical canonical = new Canonical();
  private final CRC32C crc = new CRC32C();
  private final FieldDigests.Builder fields = new FieldDigests.Builder();

  /**
   * Of requests to these endpoints.
   *
   * @param roles which header fields count, and for what
   */
  public RequestDigests(List<EndpointDefinition> api, Bounds bounds, FieldRoles roles) {
    this.tables =
        api.stream()
            .collect(
                Collectors.toMap(
                    each -> each.endpoint().path(), each -> each.request().table(bounds)));
    this.roles = roles;
  }

  /** The digests of a request or of a part of one; never fails. */
  @Override
  public FieldDigests apply(InferenceRequest request) {
    if (request.content() instanceof PartBody part && part.plan().parts() > MOST_PARTS) {
      return FieldDigests.NONE;
    }
    try {
      return digests(request);
    } catch (Failure | IOException unreadable) {
      return FieldDigests.NONE;
    } finally {
      fields.build("");
      canonical.clear();
    }
  }

  private FieldDigests digests(InferenceRequest request) throws IOException {
    int query = request.endpoint().indexOf('?');
    String path = query < 0 ? request.endpoint() : request.endpoint().substring(0, query);
    Map<String, Field> table = tables.get(path);
    Buffer body = request.content().bytes(request.framing(), request.usage());
    if (table == null || body.length() > LARGEST) {
      return FieldDigests.NONE;
    }
    boolean seeded = body(table, body.getBytes());
    for (String line : CountedFields.of(roles, request.headers()).key()) {
      fields.add("header " + line.substring(0, line.indexOf(':')), line.hashCode());
    }
    if (query >= 0) {
      fields.add("query", request.endpoint().hashCode());
    }
    // With a seed of its own a sample is known by that.
    if (!seeded && number(request) > 0) {
      fields.add("sample", Long.hashCode(number(request)));
    }
    return fields.build(path);
  }

  /** Adds the fields of a body that was understood before; whether it has a seed. */
  private boolean body(Map<String, Field> table, byte[] body) throws IOException {
    canonical.begin(body);
    JsonTokens in = new JsonTokens(body);
    boolean seeded = false;
    in.nextToken();
    while (in.nextToken() != JsonToken.END_OBJECT) {
      String name = in.currentName();
      Field field = Field.of(table, name);
      int from = canonical.length();
      boolean absent = in.nextToken() == JsonToken.VALUE_NULL;
      canonical.value(in);
      if (absent ? field.nullCounts(table.containsKey(name)) : counts(field, from)) {
        // The name in the table is one for all entries.
        fields.add(field.name(), digest(from));
        seeded |= name.equals("seed");
      }
    }
    return seeded;
  }

  private boolean counts(Field field, int from) {
    boolean one = canonical.length() == from + 1 && canonical.bytes()[from] == '1';
    return field.role().inFingerprint() || field.name().equals("n") && !one;
  }

  private int digest(int from) {
    crc.reset();
    crc.update(canonical.bytes(), from, canonical.length() - from);
    return (int) crc.getValue();
  }

  private static long number(InferenceRequest request) {
    if (request.content() instanceof PartBody part) {
      return part.plan().number(part.part());
    }
    Sample sample = request.directives().policy().sample();
    return sample == null ? 0 : sample.first();
  }
}
