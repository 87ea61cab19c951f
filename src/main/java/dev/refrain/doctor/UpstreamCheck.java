package dev.refrain.doctor;

import dev.refrain.doctor.Doctor.Check;
import dev.refrain.inference.Failure;
import dev.refrain.inference.Whole;
import dev.refrain.upstream.ExceptionMapper;
import dev.refrain.upstream.HttpClients;
import dev.refrain.upstream.Target;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.ConnectOptions;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import java.net.InetAddress;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * The way to an upstream, step by step: its name, a connection, its certificate, and what it says
 * to {@code GET /v1/models}. What lies behind a proxy is asked that question alone.
 */
public final class UpstreamCheck implements Check {
  private static final long STEP_MILLIS = 5_000;
  private static final Duration SLOW = Duration.ofSeconds(1);

  private final Vertx vertx;
  private final Target target;
  private final String key;
  private final boolean credentials;

  /**
   * A check of one upstream.
   *
   * @param key what the configuration calls it: {@code upstreams[0]}
   * @param credentials whether those of callers are sent on
   */
  public UpstreamCheck(Vertx vertx, Target target, String key, boolean credentials) {
    this.vertx = vertx;
    this.target = target;
    this.key = key;
    this.credentials = credentials;
  }

  @Override
  public String subject() {
    return "upstream " + target.name();
  }

  @Override
  public Future<List<Finding>> make() {
    if (target.transport().proxy() != null) {
      return ask(List.of());
    }
    return resolve().compose(known -> known ? connect() : nobodyKnows());
  }

  private Future<Boolean> resolve() {
    return vertx
        .executeBlocking(() -> InetAddress.getAllByName(target.host()).length > 0, false)
        .timeout(STEP_MILLIS, TimeUnit.MILLISECONDS)
        .otherwise(false);
  }

  private Future<List<Finding>> nobodyKnows() {
    String says =
        "cannot resolve %s; check %s.url, and the DNS configuration of this machine"
            .formatted(target.host(), key);
    return one(Finding.fail(subject(), says));
  }

  private Future<List<Finding>> connect() {
    NetClientOptions options = new NetClientOptions().setConnectTimeout((int) STEP_MILLIS);
    return vertx
        .createNetClient(options)
        .connect(target.port(), target.host())
        .transform(
            (socket, cause) ->
                cause == null
                    ? socket.close().compose(v -> target.tls() ? handshake() : ask(List.of()))
                    : one(Finding.fail(subject(), unreachable(cause))));
  }

  private String unreachable(Throwable cause) {
    String where = target.host() + ":" + target.port();
    boolean refused = String.valueOf(cause.getMessage()).contains("refused");
    return (refused
            ? "connection refused by " + where
            : "no connection to " + where + " within " + STEP_MILLIS / 1000 + " s")
        + "; check "
        + key
        + ".url, and whether a firewall is in between";
  }

  private Future<List<Finding>> handshake() {
    NetClientOptions options =
        new NetClientOptions().setConnectTimeout((int) STEP_MILLIS).setSsl(true);
    return vertx
        .createNetClient(options)
        .connect(
            new ConnectOptions()
                .setHost(target.host())
                .setPort(target.port())
                .setSsl(true)
                .setSniServerName(target.transport().serverName())
                .setSslOptions(anyCertificate()))
        .timeout(STEP_MILLIS, TimeUnit.MILLISECONDS)
        .transform(
            (socket, cause) -> cause == null ? shown(socket).compose(this::ask) : ask(List.of()));
  }

  // To see one that is not to be trusted, too; whether it is says the question behind it.
  private ClientSSLOptions anyCertificate() {
    return target
        .transport()
        .tls()
        .get()
        .copy()
        .setTrustAll(true)
        .setHostnameVerificationAlgorithm("");
  }

  private Future<List<Finding>> shown(NetSocket socket) {
    List<Finding> found = new ArrayList<>();
    try {
      Certificate first = socket.peerCertificates().get(0);
      if (first instanceof X509Certificate x509) {
        found.add(
            CertificateCheck.until(subject(), "its certificate", x509.getNotAfter().toInstant()));
      }
    } catch (SSLPeerUnverifiedException unverified) {
      // the next step reports it
    }
    return socket.close().map(found);
  }

  private Future<List<Finding>> ask(List<Finding> before) {
    HttpClients clients = HttpClients.lasting(vertx);
    long begin = System.nanoTime();
    return clients
        .get(target, "/v1/models", STEP_MILLIS)
        .map(answer -> judge(answer, System.nanoTime() - begin))
        .otherwise(this::failed)
        .eventually(clients::close)
        .map(finding -> and(before, finding));
  }

  private Finding judge(Whole answer, long nanos) {
    long millis = nanos / 1_000_000;
    int status = answer.head().status();
    if (status == 401 || status == 403) {
      return refused(status);
    }
    if (status >= 500 || status == 429) {
      return Finding.fail(subject(), "answers GET /v1/models with " + status + "; see its own log");
    }
    if (status >= 300) {
      return Finding.warn(
          subject(),
          "answers GET /v1/models with %d; check %s.url, if it should know its models"
              .formatted(status, key));
    }
    String models = models(answer);
    if (models.isEmpty()) {
      return Finding.warn(
          subject(),
          "answers GET /v1/models, but not with a list of models; check %s.url, if it should"
              .formatted(key));
    }
    String says = "answers GET /v1/models in " + millis + " ms, " + models;
    return nanos > SLOW.toNanos()
        ? Finding.warn(subject(), says + ", which is slow")
        : Finding.ok(subject(), says);
  }

  private Finding refused(int status) {
    if (target.apiKey() != null) {
      String says = "refuses our key (" + status + "); check " + key + ".apiKey";
      return Finding.fail(subject(), says);
    }
    String asks = "asks for a key (" + status + "), ";
    return credentials
        ? Finding.ok(subject(), asks + "which callers bring themselves")
        : Finding.fail(
            subject(), asks + "and those of keys are not sent on; set " + key + ".apiKey");
  }

  /** How many it lists; empty if it lists none of them. */
  private static String models(Whole answer) {
    try {
      JsonObject body = answer.body().toJsonObject();
      return body == null ? "" : "with " + body.getJsonArray("data").size() + " models";
    } catch (DecodeException | ClassCastException | NullPointerException strange) {
      return "";
    }
  }

  private Finding failed(Throwable cause) {
    Failure failure = ExceptionMapper.translate(cause, false);
    if (failure.kind() == Failure.Kind.UPSTREAM_TIMEOUT) {
      return Finding.fail(
          subject(),
          "accepts connections, but did not answer GET /v1/models within %d s; check its load"
              .formatted(STEP_MILLIS / 1000));
    }
    return Finding.fail(
        subject(),
        failure.getMessage()
            + "; check "
            + key
            + ".url and "
            + key
            + (target.transport().proxy() == null ? ".tls" : ".proxy"));
  }

  private static List<Finding> and(List<Finding> before, Finding last) {
    List<Finding> all = new ArrayList<>(before);
    all.add(last);
    return all;
  }

  private static Future<List<Finding>> one(Finding finding) {
    return Future.succeededFuture(List.of(finding));
  }
}
