package dev.refrain.cli;

import dev.refrain.ConfigGeneration;
import dev.refrain.RequestExplanation;
import dev.refrain.doctor.Doctor.Check;
import dev.refrain.doctor.Finding;
import dev.refrain.inference.Failure;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Says which rule of {@code cache.rules} a request meets, without sending it. */
record RequestCheck(ConfigGeneration generation, Path file, String endpoint, List<String> headers)
    implements Check {
  @Override
  public String subject() {
    return "request " + file;
  }

  @Override
  public Future<List<Finding>> make() {
    try {
      Buffer body = Buffer.buffer(Files.readAllBytes(file));
      RequestExplanation explanation = RequestExplanation.of(generation, endpoint, fields(), body);
      return Future.succeededFuture(List.of(Finding.ok(subject(), explanation.line())));
    } catch (IOException unreadable) {
      return failed("the file cannot be read");
    } catch (Failure invalid) {
      return failed(invalid.getMessage());
    } catch (IllegalArgumentException noField) {
      return failed("--header: expected: NAME:VALUE");
    }
  }

  private Future<List<Finding>> failed(String why) {
    return Future.succeededFuture(List.of(Finding.fail(subject(), why)));
  }

  private MultiMap fields() {
    MultiMap fields = HttpHeaders.headers();
    for (String header : headers) {
      int colon = header.indexOf(':');
      if (colon < 1) {
        throw new IllegalArgumentException();
      }
      fields.add(header.substring(0, colon), header.substring(colon + 1).trim());
    }
    return fields;
  }
}
