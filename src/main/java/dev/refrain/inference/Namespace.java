package dev.refrain.inference;

/** Names of parts of a caller's scope. */
public final class Namespace {
  /** What a name looks like, as a regular expression. */
  public static final String PATTERN = "[A-Za-z0-9._-]{1,64}";

  /** The same in words. */
  public static final String EXPECTED = "1 to 64 letters, digits, '.', '_' or '-'";

  private Namespace() {}
}
