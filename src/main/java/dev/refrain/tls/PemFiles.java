package dev.refrain.tls;

import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Paths of the credential files. An empty path is no file.
 *
 * @param section of the configuration, for messages
 * @param cert our certificate and its chain
 * @param key its private key
 * @param caKey what the configuration calls {@code ca}, for messages
 * @param ca certificates of trusted authorities
 */
public record PemFiles(String section, String cert, String key, String caKey, String ca) {
  private static final int LARGEST = 1 << 20;

  /**
   * Contents of the files.
   *
   * @param cert null if there is no such file
   * @param key null if there is no such file
   * @param ca null if there is no such file
   */
  record Pem(Buffer cert, Buffer key, Buffer ca) {
    /** Never shows the key. */
    @Override
    public String toString() {
      return "Pem";
    }
  }

  /** Whether there is nothing to read. */
  public boolean isEmpty() {
    return cert.isEmpty() && ca.isEmpty();
  }

  /** Reads the files. Blocks. */
  Pem read() throws CertificateError {
    return new Pem(read("cert", cert), read("key", key), read(caKey, ca));
  }

  CertificateError bad(String name, String path, String why) {
    return new CertificateError(section + "." + name, path, why);
  }

  private Buffer read(String name, String path) throws CertificateError {
    if (path.isEmpty()) {
      return null;
    }
    try (InputStream in = Files.newInputStream(Path.of(path))) {
      byte[] bytes = in.readNBytes(LARGEST + 1);
      if (bytes.length > LARGEST) {
        throw bad(name, path, "over " + LARGEST + " bytes (expected: a PEM file)");
      }
      return Buffer.buffer(bytes);
    } catch (NoSuchFileException missing) {
      throw bad(name, path, "no such file");
    } catch (AccessDeniedException denied) {
      throw bad(name, path, "not readable");
    } catch (IOException broken) {
      throw bad(name, path, "cannot be read");
    }
  }

  /** A PEM file that cannot be used, and why, in one line that names its key and path. */
  public static final class CertificateError extends Exception {
    private static final long serialVersionUID = 1L;

    CertificateError(String key, String path, String why) {
      super((key + ": " + path + ": " + why).replaceAll("\\p{Cntrl}+", " "), null, false, false);
    }
  }
}
