package dev.refrain.doctor;

import dev.refrain.doctor.Finding.Verdict;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** All findings, as text or JSON. */
public record Report(List<Finding> findings) {
  /** A line each, and one that sums up. */
  public String text() {
    StringBuilder text = new StringBuilder();
    for (Finding finding : findings) {
      text.append(
          "%-5s %s: %s%n".formatted(finding.verdict().label(), finding.subject(), finding.says()));
    }
    return text.append(summary()).append(System.lineSeparator()).toString();
  }

  private String summary() {
    return count(Verdict.OK)
        + " ok, "
        + count(Verdict.WARN)
        + " warn, "
        + count(Verdict.FAIL)
        + " fail";
  }

  /** The same as a document: {@code {"ok": 1, "warn": 0, "fail": 0, "checks": [...]}}. */
  public String json() {
    JsonArray checks = new JsonArray();
    findings.forEach(
        finding ->
            checks.add(
                new JsonObject()
                    .put("verdict", finding.verdict().label())
                    .put("subject", finding.subject())
                    .put("says", finding.says())));
    JsonObject report = new JsonObject();
    for (Verdict verdict : Verdict.values()) {
      report.put(verdict.label(), count(verdict));
    }
    return report.put("checks", checks).encodePrettily() + System.lineSeparator();
  }

  /** Whether something will not work. */
  public boolean isBad() {
    return count(Verdict.FAIL) > 0;
  }

  private long count(Verdict verdict) {
    return findings.stream().filter(finding -> finding.verdict() == verdict).count();
  }
}
