package dev.refrain.sse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.testing.FakeFrames;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ErrorStatusTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'error':{'message':'m','type':'invalid_request_error','code':'context_length_exceeded'}}"
            + " | 400",
        "{'error':{'message':'m','type':'invalid_request_error','code':null}} | 400",
        "{'error':{'message':'m','type':'invalid_request_error','code':'invalid_api_key'}} | 401",
        "{'error':{'message':'m','type':'invalid_request_error','code':'model_not_found'}} | 404",
        "{'error':{'message':'m','type':'insufficient_quota','code':'insufficient_quota'}} | 429",
        "{'error':{'message':'m','type':'requests','code':'rate_limit_exceeded'}} | 429",
        "{'error':{'message':'m','type':'tokens','code':null}} | 429",
        "{'error':{'message':'m','type':'server_error','code':null}} | 500",
        "{'error':{'code':400,'message':'m','type':'exceed_context_size_error'}} | 400",
        "{'error':{'code':'422','message':'m'}} | 422",
        "{'error':{'status':404,'code':'odd'}} | 404",
        "{'error':{'code':503,'type':'invalid_request_error'}} | 503",
        "{'error':{'code':1301,'type':'odd'}} | 502",
        "{'error':{'code':200,'type':'authentication_error'}} | 401",
        "{'error':{'code':400,'message':'m','status':'INVALID_ARGUMENT'}} | 400",
        "{'error':{'message':'m','status':'RESOURCE_EXHAUSTED'}} | 429",
        "{'object':'error','message':'m','type':'BadRequestError','param':null,'code':400} | 400",
        "{'object':'error','message':'m','type':'NotFoundError'} | 404",
        "{'error':'too long','error_type':'validation'} | 400",
        "{'error':'model is overloaded','error_type':'overloaded'} | 503",
        "{'error':'rate limit reached'} | 429",
        "{'error':'something odd'} | 502",
        "{'type':'error','error':{'type':'overloaded_error','message':'m'}} | 503",
        "{'type':'error','error':{'type':'permission_error','message':'m'}} | 403",
        "{'error':{'message':'invalid'}} | 502",
        "{'error':{}} | 502",
        "{'error':true} | 502",
        "{'error':[1]} | 502",
        "not JSON | 502",
      })
  void anErrorHasTheStatusOfItsNumberOrElseOfItsWords(String event, int status) {
    assertThat(ErrorStatus.of(FakeFrames.data(event.replace('\'', '"')))).isEqualTo(status);
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 401, 403, 404, 413, 422})
  void theseAreTheCallers(int status) {
    assertThat(ErrorStatus.isOfCaller(status)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 429, 500, 502, 503, 504, 529})
  void theseAreTheServers(int status) {
    assertThat(ErrorStatus.isOfCaller(status)).isFalse();
  }
}
