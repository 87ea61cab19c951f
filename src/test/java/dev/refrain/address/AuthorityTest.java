package dev.refrain.address;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AuthorityTest {
  @ParameterizedTest
  @CsvSource({
    "http://stack_vllm:8000/v1,,stack_vllm,8000",
    "http://stack_vllm,,stack_vllm,-1",
    "http://stack_vllm:/v1,,stack_vllm,-1",
    "http://_a.b-c_.d:1,,_a.b-c_.d,1",
    "redis://u:p%40w@my_redis:6379/3,u:p%40w,my_redis,6379",
    "redis://:p_w@my_redis,:p_w,my_redis,-1",
    "http://a-:80,,a-,80",
    "https://api.example.com,,api.example.com,-1",
    "http://u@10.0.0.1:5,u,10.0.0.1,5",
    "http://[::1]:80,,[::1],80",
  })
  void namesWithUnderscoresAreHostsLikeAllOthers(String url, String user, String host, int port) {
    URI uri = URI.create(url);
    assertThat(Authority.of(uri)).hasValue(new Authority(user, host, port));
    assertThat(Authority.host(uri)).isEqualTo(host);
    assertThat(Authority.port(uri)).isEqualTo(port);
    assertThat(Authority.of(uri).toString()).doesNotContain("p%40w", "p_w");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://a..b_",
        "http://-a_b",
        "http://a_b:x",
        "http://a_b:123456",
        "http://a%5Fb",
        "http://a_b@c@d_e",
        "mailto:a_b",
        "/v1"
      })
  void whatNamesNoHostHasNone(String url) {
    URI uri = URI.create(url);
    assertThat(Authority.of(uri)).isEmpty();
    assertThatThrownBy(() -> Authority.host(uri)).hasMessage("a URL without a host");
  }
}
