package dev.refrain.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * What the upstream does with one request, step by step. Immutable: every method returns a longer
 * script. Unless it ends with {@link #cut} or {@link #hangUp} the connection stays open for the
 * next request.
 */
public final class Script {
  private static final String EVENT_STREAM = "Content-Type: text/event-stream";
  private static final String LAST_CHUNK = "0\r\n\r\n";

  /** One step of a script. */
  @FunctionalInterface
  interface Step {
    void play(ScriptedUpstream.Out out) throws IOException, InterruptedException;
  }

  private final List<Step> steps;

  private Script(List<Step> steps) {
    this.steps = List.copyOf(steps);
  }

  /** Does nothing: the request stays without an answer. */
  public static Script silence() {
    return new Script(List.of());
  }

  /** A whole answer: 200, JSON. */
  public static Script json(String body) {
    return answer(200, body, "Content-Type: application/json");
  }

  /** A whole answer with these header lines. */
  public static Script answer(int status, String body, String... lines) {
    byte[] bytes = bytes(body);
    List<String> head = new ArrayList<>(List.of(lines));
    head.add("Content-Length: " + bytes.length);
    return silence().head(status, head).raw(bytes);
  }

  /** Begins an event stream with these further header lines; what follows is sent in chunks. */
  public static Script events(String... lines) {
    List<String> head = new ArrayList<>(List.of(lines));
    head.add(EVENT_STREAM);
    head.add("Transfer-Encoding: chunked");
    return silence().head(200, head);
  }

  /** From here on every byte leaves in a TCP write of its own. */
  public Script bytewise() {
    return then(ScriptedUpstream.Out::bytewise);
  }

  /** Writes a head. */
  public Script head(int status, List<String> lines) {
    return raw(bytes("HTTP/1.1 " + status + " Scripted\r\n" + lines(lines) + "\r\n"));
  }

  /** Writes exactly these bytes. */
  public Script raw(byte[] bytes) {
    return then(out -> out.write(bytes));
  }

  /** Writes exactly this text as UTF-8. */
  public Script raw(String text) {
    return raw(bytes(text));
  }

  /** Writes one chunk that holds this text. */
  public Script chunk(String text) {
    return raw(chunkOf(text));
  }

  /** Writes one event, in a chunk of its own. */
  public Script data(String data) {
    return chunk("data: " + data + "\n\n");
  }

  /** Writes {@code count} chunks, each made when its turn has come. */
  public Script chunks(int count, IntFunction<String> text) {
    return then(
        out -> {
          for (int i = 0; i < count; i++) {
            out.write(bytes(chunkOf(text.apply(i))));
          }
        });
  }

  /** Writes the terminator event and ends the body. */
  public Script done() {
    return data("[DONE]").end();
  }

  /** The same in one write, so that whoever reads the terminator has the end of the body, too. */
  public Script doneInOneWrite() {
    return raw(chunkOf("data: [DONE]\n\n") + LAST_CHUNK);
  }

  /** Writes the last chunk. */
  public Script end() {
    return raw(LAST_CHUNK);
  }

  /** Waits for the test. */
  public Script pause(Gate gate) {
    return then(out -> gate.pass());
  }

  /** Resets the connection (RST). */
  public Script cut() {
    return then(ScriptedUpstream.Out::reset);
  }

  /** Closes the connection (FIN). */
  public Script hangUp() {
    return then(ScriptedUpstream.Out::close);
  }

  /** Goes on with another script. */
  public Script then(Script next) {
    return then((Step) next::play);
  }

  void play(ScriptedUpstream.Out out) throws IOException, InterruptedException {
    for (Step step : steps) {
      step.play(out);
    }
  }

  private Script then(Step step) {
    List<Step> more = new ArrayList<>(steps);
    more.add(step);
    return new Script(more);
  }

  private static String chunkOf(String text) {
    return Integer.toHexString(bytes(text).length) + "\r\n" + text + "\r\n";
  }

  private static String lines(List<String> lines) {
    StringBuilder text = new StringBuilder();
    lines.forEach(line -> text.append(line).append("\r\n"));
    return text.toString();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
