package dev.refrain.metrics;

/** What a path asks for, as a label; callers invent paths, and labels must not. */
enum PathClass {
  CHAT("/chat/completions"),
  COMPLETIONS("/completions"),
  EMBEDDINGS("/embeddings"),
  RESPONSES("/responses"),
  MODELS("/models"),
  OTHER("");

  private final String end;

  PathClass(String end) {
    this.end = end;
  }

  /** The first class whose end the path has; null is no path. */
  static PathClass of(String path) {
    for (PathClass each : values()) {
      if (path != null && path.endsWith(each.end)) {
        return each;
      }
    }
    return OTHER;
  }
}
