package dev.refrain.job;

import dev.refrain.cassette.Exchange;
import dev.refrain.cassette.RecordedAnswer;
import dev.refrain.cassette.RecordedRequest;
import dev.refrain.cassette.Usage;
import dev.refrain.inference.Tokens;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Counts what became of the requests of one job. Lives on its event loop. */
final class JobTally {
  // The same mistake may be made with every request.
  private static final int MOST_LINES = 20;

  private final Pricing pricing;
  private final Consumer<String> say;
  private final long began = System.nanoTime();
  private final List<JobReport.Missing> missing = new ArrayList<>();
  private int lines;

  private int requests;
  private int recorded;
  private int replayed;
  private int repeated;
  private int notRecorded;
  private int notRecordable;
  private int unanswered;
  private int credentials;
  private JobReport.Cost paid = JobReport.Cost.NONE;
  private JobReport.Cost saved = JobReport.Cost.NONE;
  private long upstreamMillis;

  /**
   * Nothing yet.
   *
   * @param say writes a line for people
   */
  JobTally(Pricing pricing, Consumer<String> say) {
    this.pricing = pricing;
    this.say = say;
  }

  void requested() {
    requests++;
  }

  /** A recording was played; another time if {@code again}. */
  void replayed(Exchange exchange, boolean again) {
    replayed++;
    repeated += again ? 1 : 0;
    saved = saved.plus(cost(exchange.request(), exchange.answer()));
    List<Long> millis = exchange.answer().millis();
    upstreamMillis += millis.isEmpty() ? 0 : millis.get(millis.size() - 1);
  }

  /** An exchange was recorded. */
  void recorded(RecordedRequest request, RecordedAnswer answer) {
    recorded++;
    paid = paid.plus(cost(request, answer));
  }

  private JobReport.Cost cost(RecordedRequest request, RecordedAnswer answer) {
    Tokens tokens = Usage.of(answer);
    double money = tokens.known() ? pricing.of(request.model(), tokens) : 0;
    return new JobReport.Cost(tokens.prompt(), tokens.completion(), money);
  }

  /** A request has no recording. */
  void notRecorded(JobReport.Missing request) {
    notRecorded++;
    if (missing.size() < MOST_LINES) {
      missing.add(request);
    }
    say("not recorded: " + request.text());
  }

  /** An exchange could not be recorded. */
  void notRecordable(String request, String why) {
    notRecordable++;
    say("cannot record " + request + ": " + why);
  }

  /** There was no answer to record. */
  void unanswered(String request, String why) {
    unanswered++;
    say("no answer to " + request + ": " + why);
  }

  /** Credentials were taken out of an exchange. */
  void credentialRemoved() {
    credentials++;
  }

  private void say(String line) {
    if (lines++ < MOST_LINES) {
      say.accept(line);
    }
  }

  /** All of it, at the end. */
  JobReport report(int unused) {
    return new JobReport(
        requests,
        recorded,
        replayed,
        repeated,
        notRecorded,
        notRecordable,
        unanswered,
        unused,
        credentials,
        paid,
        saved,
        pricing.currency(),
        (System.nanoTime() - began) / 1e9,
        upstreamMillis / 1e3,
        List.copyOf(missing));
  }
}
