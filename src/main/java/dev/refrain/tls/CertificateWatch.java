package dev.refrain.tls;

import dev.refrain.settings.FileWatch;
import dev.refrain.tls.PemFiles.CertificateError;
import dev.refrain.tls.PemFiles.Pem;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at PEM files from time to time, and hands on what is new in them. Compares contents, not
 * times: a file that was only touched is no news, and one that is replaced within a second is.
 *
 * <p>An error in new files is logged once, and the previous credentials stay in use.
 *
 * <p>Threads: one context looks; files are read on a worker.
 */
public final class CertificateWatch {
  private static final Logger LOG = LoggerFactory.getLogger(CertificateWatch.class);

  private final Vertx vertx;
  private final PemFiles files;
  private final Function<Credentials, Future<?>> renew;
  private Pem seen;
  private String trouble = "";
  private final FileWatch watch;

  /**
   * A watch that has not begun.
   *
   * @param renew takes what is new; fails if it cannot be used
   */
  public CertificateWatch(Vertx vertx, PemFiles files, Function<Credentials, Future<?>> renew) {
    this.vertx = vertx;
    this.files = files;
    this.renew = renew;
    this.watch = new FileWatch(vertx, this::look);
  }

  /**
   * Reads and checks the files, and goes on looking at them until it is closed.
   *
   * @return what is in them now; fails with {@link CertificateError}
   */
  public Future<Credentials> begin(Duration every) {
    if (files.isEmpty()) {
      return Future.succeededFuture(Credentials.NONE);
    }
    return vertx.executeBlocking(this::news).onSuccess(first -> watch.begin(every));
  }

  /** Ends the checks. */
  public void close() {
    watch.close();
  }

  private Future<?> look() {
    return vertx
        .executeBlocking(this::news)
        .compose(this::renew)
        .onSuccess(renewed -> trouble = "")
        .onFailure(this::warn);
  }

  /** The credentials in the files, or null if they are unchanged. Blocks; one caller at a time. */
  private Credentials news() throws CertificateError {
    Pem now = files.read();
    if (now.equals(seen)) {
      return null;
    }
    seen = now; // good or bad, it is looked at once
    trouble = ""; // an error in other files is logged even if it is the same
    return Credentials.of(files, now, vertx);
  }

  private Future<?> renew(Credentials news) {
    if (news == null) {
      return Future.succeededFuture();
    }
    return renew
        .apply(news)
        .onSuccess(
            done ->
                LOG.info(
                    "{}: new certificates are in use{}",
                    files.section(),
                    news.until().map(until -> ", valid until " + until).orElse("")));
  }

  private void warn(Throwable bad) {
    String why = bad instanceof CertificateError ? bad.getMessage() : files.section() + ": refused";
    if (!why.equals(trouble)) {
      LOG.warn("{}; the previous certificates stay in use", why);
    }
    trouble = why;
  }
}
