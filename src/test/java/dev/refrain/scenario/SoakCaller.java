package dev.refrain.scenario;

import com.fasterxml.jackson.databind.JsonNode;
import dev.refrain.testing.Dialect;
import dev.refrain.testing.Events;
import dev.refrain.testing.Json;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** One caller of a soak: asks, leaves, reads slowly, and judges what it gets. */
final class SoakCaller implements Callable<Void> {
  private static final List<String> MISHAPS =
      List.of(
          "error-429",
          "error-500",
          "error-503",
          "error-hang",
          "error-stream",
          "error-cut",
          "error-stall",
          "error-done");
  private static final String STREAM = ",\"stream\":true";
  private static final String USAGE = STREAM + ",\"stream_options\":{\"include_usage\":true}";
  private static final List<String> FORMS = List.of("", STREAM, USAGE);

  private final Proxy proxy;
  private final SoakReference reference;
  private final SoakTally tally;
  private final CountDownLatch over;
  private final Random random;

  SoakCaller(
      Proxy proxy, SoakReference reference, SoakTally tally, CountDownLatch over, long seed) {
    this.proxy = proxy;
    this.reference = reference;
    this.tally = tally;
    this.over = over;
    this.random = new Random(seed);
  }

  @Override
  public Void call() throws Exception {
    while (!over.await(random.nextInt(60), TimeUnit.MILLISECONDS)) {
      int number = random.nextInt(SoakReference.QUESTIONS);
      boolean fails = random.nextInt(8) == 0;
      String model = fails ? MISHAPS.get(random.nextInt(MISHAPS.size())) : "m";
      Dialect dialect = SoakReference.dialect(model, number);
      String form = dialect.streams() ? FORMS.get(random.nextInt(FORMS.size())) : "";
      tally.count("requests");
      // A small window, so that a slow reader is one for the proxy as well.
      try (RawClient client = new RawClient(proxy.port(), 1 << 12)) {
        client.postTo(dialect.path(), SoakReference.question(model, number, form));
        converse(client, model, number, form);
      } catch (IOException broken) {
        broke(model, model + " " + number + " " + form, broken);
      } catch (RuntimeException | AssertionError notUnderstood) {
        tally.wrong(model + " " + number + " " + form + ": " + notUnderstood);
      }
    }
    return null;
  }

  private void broke(String model, String asked, IOException broken) {
    tally.count("connections broken: " + model);
    if (model.equals("m")) {
      tally.wrong(asked + " broken off: " + broken);
    }
  }

  private void converse(RawClient client, String model, int number, String form)
      throws IOException, InterruptedException {
    switch (random.nextInt(8)) {
      case 0 -> leave(client, 0);
      case 1 -> leave(client, 1 + random.nextInt(4_000));
      case 2 -> judge(client.answer(), true, model, number, form);
      default -> judge(client.answer(), false, model, number, form);
    }
  }

  private void leave(RawClient client, int bytes) throws IOException, InterruptedException {
    if (bytes > 0) {
      client.answer().stream().readNBytes(bytes);
    } else {
      over.await(random.nextInt(100), TimeUnit.MILLISECONDS);
    }
    tally.count("left early");
    if (random.nextBoolean()) {
      client.abort();
    }
  }

  private void judge(RawClient.Answer answer, boolean slow, String model, int number, String form)
      throws IOException, InterruptedException {
    String body = slow ? slowly(answer) : answer.text();
    if (answer.status() != 200) {
      JsonNode code = Json.read(body).path("error").path("type");
      failed(model, answer.status() + " " + code.asText(), body);
    } else if (form.isEmpty()) {
      right(model, number, SoakReference.dialect(model, number).text(body), body);
    } else {
      stream(model, number, form.equals(USAGE), body);
    }
  }

  private void stream(String model, int number, boolean usage, String body) {
    Events events = Events.of(body);
    if (!events.errors().isEmpty()) {
      failed(model, "error event " + events.errors().get(0).path("type").asText(), body);
      return;
    }
    boolean told = events.json().stream().anyMatch(one -> one.path("usage").isObject());
    boolean mayBeCut = model.equals("error-done");
    if (!events.properlyEnded() || told != usage && !mayBeCut) {
      tally.wrong(model + ": not a whole stream: " + body);
    }
    right(model, number, events.text(0), body);
  }

  private void failed(String model, String how, String body) {
    tally.count("failed: " + model + " " + how);
    if (model.equals("m") || model.equals("error-done")) {
      tally.wrong(model + " failed: " + how + " " + body);
    }
  }

  private void right(String model, int number, String text, String body) {
    tally.count(model.equals("m") ? "answered" : "answered: " + model);
    boolean as =
        switch (model) {
          case "m" -> text.equals(reference.text(model, number));
          case "error-done" -> reference.text(model, number).startsWith(text);
          default -> false;
        };
    if (!as) {
      tally.wrong(model + " " + number + ": not the answer: " + body);
    }
  }

  private String slowly(RawClient.Answer answer) throws IOException, InterruptedException {
    tally.count("slow readers");
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] some = new byte[512];
    for (int n = answer.stream().read(some); n >= 0; n = answer.stream().read(some)) {
      all.write(some, 0, n);
      over.await(random.nextInt(30), TimeUnit.MILLISECONDS);
    }
    return all.toString(StandardCharsets.UTF_8);
  }
}
