package dev.refrain.doctor;

import io.vertx.core.Future;
import java.util.List;

/** Looks at one thing. */
public interface Check {
  /** What it looks at. */
  String subject();

  /** Looks. A future that fails is a defect of the check. */
  Future<List<Finding>> make();
}
