package dev.refrain.testing;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;

/**
 * Signs certificates for a test and writes them as PEM files. Nothing is kept that could expire.
 */
public final class Authority {
  private final Path folder;
  private final X509Bundle root;
  private final Path ca;
  private int count;

  /**
   * A certificate and its key.
   *
   * @param cert PEM file of the certificate
   * @param key PEM file of the key
   */
  public record Identity(Path cert, Path key) {
    /** Puts these files in the place of others, each in one step. */
    public void replace(Identity other) {
      swap(key, other.key);
      swap(cert, other.cert);
    }
  }

  /** A new one, which keeps its files in this folder. */
  public Authority(Path folder) {
    try {
      this.folder = Files.createTempDirectory(folder, "authority");
      this.root =
          valid(Instant.now())
              .subject("CN=Test authority " + this.folder.getFileName())
              .setIsCertificateAuthority(true)
              .buildSelfSigned();
      this.ca = write("ca.pem", root.getCertificatePEM());
    } catch (Exception impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** PEM file of its own certificate. */
  public Path ca() {
    return ca;
  }

  /** A certificate for these host names, valid now. */
  public Identity identity(String... names) {
    return sign(Instant.now(), names);
  }

  /** The same, but its time is over. */
  public Identity expired(String... names) {
    return sign(Instant.now().minus(Duration.ofDays(10)), names);
  }

  /** A certificate for this IP address, valid now. */
  public Identity identityOfAddress(String address) {
    return sign(valid(Instant.now()).subject("CN=identity").addSanIpAddress(address));
  }

  private Identity sign(Instant when, String... names) {
    CertificateBuilder builder = valid(when).subject("CN=identity");
    for (String name : names) {
      builder.addSanDnsName(name);
    }
    return sign(builder);
  }

  private Identity sign(CertificateBuilder builder) {
    try {
      X509Bundle bundle = builder.buildIssuedBy(root);
      String file = "identity" + count++;
      return new Identity(
          write(file + ".pem", bundle.getCertificatePEM()),
          write(file + ".key", bundle.getPrivateKeyPEM()));
    } catch (Exception impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static CertificateBuilder valid(Instant when) {
    return new CertificateBuilder()
        .ecp256()
        .notBefore(when.minus(Duration.ofHours(1)))
        .notAfter(when.plus(Duration.ofDays(1)));
  }

  /** Puts a copy of a file in the place of another, in one step. */
  public static void swap(Path from, Path to) {
    try {
      Path copy = Files.copy(from, to.resolveSibling(to.getFileName() + ".new"));
      Files.move(copy, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  private Path write(String name, String text) {
    try {
      return Files.writeString(folder.resolve(name), text);
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }
}
