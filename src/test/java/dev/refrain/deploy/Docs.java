package dev.refrain.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Pages and files that manifests are compared with. */
final class Docs {
  /** The page a stranger deploys from. */
  static final String DEPLOY = read("docs/guide/deploy.md");

  private Docs() {}

  static String read(String file) {
    try {
      return Files.readString(Path.of(file));
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
