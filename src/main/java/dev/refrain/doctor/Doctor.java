package dev.refrain.doctor;

import io.vertx.core.Future;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs all checks concurrently, each with a time limit. */
public final class Doctor {
  /** Longest time for all checks together. */
  static final int PATIENCE_SECONDS = 20;

  private final List<Check> checks;

  /** A doctor that makes these checks. */
  public Doctor(List<Check> checks) {
    this.checks = List.copyOf(checks);
  }

  /** The findings of all checks, in their order. Never fails. */
  public Future<List<Finding>> examine() {
    List<Future<List<Finding>>> all = checks.stream().map(Doctor::examine).toList();
    return Future.all(all).map(done -> all.stream().flatMap(one -> one.result().stream()).toList());
  }

  private static Future<List<Finding>> examine(Check check) {
    return Future.succeededFuture()
        .compose(v -> check.make())
        .timeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
        .otherwise(cause -> List.of(Finding.fail(check.subject(), unfinished(cause))));
  }

  private static String unfinished(Throwable cause) {
    return cause instanceof TimeoutException
        ? "no result within " + PATIENCE_SECONDS + " s"
        : "the check itself failed: " + cause.getClass().getSimpleName();
  }

  /** Checks one thing. */
  public interface Check {
    /** The thing that is checked, for the report. */
    String subject();

    /** Looks. A future that fails is a defect of the check. */
    Future<List<Finding>> make();
  }
}
