package dev.refrain.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.testing.Examples;
import dev.refrain.testing.Proxy;
import dev.refrain.testing.RawClient;
import java.io.IOException;

/**
 * Ten calls that harm nobody, on a connection of their own that stays open: hits, a call of its own
 * and one that passes through, so that a connection upstream that does not work any more is found.
 */
final class Innocents implements AutoCloseable {
  private static final int HITS = 8;

  private final RawClient client;

  Innocents(Proxy proxy) throws IOException {
    client = proxy.connect();
  }

  /** All of them are answered, in their order. */
  void succeed(String after) throws IOException {
    for (int i = 0; i < HITS; i++) {
      client.post(Examples.asking("innocent"));
    }
    client.post(Examples.sampling("innocent"));
    client.send("GET /v1/innocent HTTP/1.1\r\nHost: proxy\r\n\r\n");
    for (int i = 0; i < HITS + 2; i++) {
      RawClient.Answer answer = client.answer();
      assertThat(answer.text()).as(after).isEqualTo(Examples.ANSWER);
      assertThat(answer.status()).as(after).isEqualTo(200);
    }
  }

  @Override
  public void close() throws IOException {
    client.close();
  }
}
