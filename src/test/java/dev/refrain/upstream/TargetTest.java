package dev.refrain.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.dns.AddressResolverOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.junit5.RunTestOnContext;
import io.vertx.junit5.VertxExtension;
import io.vertx.junit5.VertxTestContext;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;

@ExtendWith(VertxExtension.class)
class TargetTest {
  private static final String NAME = "stack_vllm";

  @RegisterExtension final RunTestOnContext loop = new RunTestOnContext(TargetTest::knowingTheName);

  @Test
  void aHostWithUnderscoresIsCalledAndNamedAsItIsWritten(VertxTestContext test) {
    Vertx vertx = loop.vertx();
    vertx
        .createHttpServer()
        .requestHandler(request -> request.response().end(request.getHeader("Host")))
        .listen(0, "127.0.0.1")
        .compose(
            server -> {
              Target target = target("http://" + NAME + ":" + server.actualPort());
              return vertx
                  .createHttpClient()
                  .request(target.request().setMethod(HttpMethod.GET).setURI("/"))
                  .compose(request -> request.send().compose(answer -> answer.body()))
                  .onSuccess(
                      host ->
                          test.verify(
                              () -> assertThat(host.toString()).isEqualTo(target.authority())));
            })
        .onComplete(test.succeedingThenComplete());
  }

  @Test
  void thePortIsThatOfTheSchemeWhereNoneIsWritten() {
    assertThat(target("http://a_b").port()).isEqualTo(80);
    assertThat(target("https://a_b").port()).isEqualTo(443);
    assertThat(target("http://a_b").authority()).isEqualTo("a_b");
  }

  private static Future<Vertx> knowingTheName() {
    Buffer hosts = Buffer.buffer("127.0.0.1 " + NAME + "\n");
    AddressResolverOptions names = new AddressResolverOptions().setHostsValue(hosts);
    return Future.succeededFuture(Vertx.vertx(new VertxOptions().setAddressResolverOptions(names)));
  }

  private static Target target(String url) {
    return Servers.target("a", List.of(), URI.create(url));
  }
}
