package dev.refrain.redis;

import dev.refrain.redis.Replies.NoReply;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.RedisOptions;
import java.net.InetAddress;
import java.net.URI;
import java.util.function.Function;

/**
 * Puts an address in the place of a host name with underscores: the Redis client reads its URL with
 * {@link URI#getHost}, which knows no such names. Looked up at each attempt to connect, as the
 * client does with other names.
 *
 * <p>With TLS the certificate would have to bear the address; the configuration refuses that.
 */
public final class HostLookup {
  private HostLookup() {}

  /** Options that the client can connect with; fails if the name is not known. */
  public static Future<RedisOptions> resolve(Vertx vertx, RedisOptions options) {
    return resolve(
        options, name -> vertx.executeBlocking(() -> InetAddress.getByName(name), false));
  }

  /**
   * The same where names are known otherwise.
   *
   * @param names the address of a name, or a failure; asked only for one with underscores
   */
  static Future<RedisOptions> resolve(
      RedisOptions options, Function<String, Future<InetAddress>> names) {
    URI url = URI.create(options.getEndpoint());
    if (url.getHost() != null || url.getRawAuthority() == null) {
      return Future.succeededFuture(options);
    }
    Endpoint named = Endpoint.of(url);
    return names
        .apply(named.host())
        .map(InetAddress::getHostAddress)
        .map(address -> at(options, url, new Endpoint(address, named.port())))
        .recover(unknown -> Future.failedFuture(new NoReply("unknown host " + named.host())));
  }

  private static RedisOptions at(RedisOptions options, URI url, Endpoint address) {
    String authority = url.getRawAuthority();
    String login = authority.substring(0, authority.lastIndexOf('@') + 1);
    String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
    return new RedisOptions(options)
        .setConnectionString(url.getScheme() + "://" + login + address + url.getRawPath() + query);
  }
}
