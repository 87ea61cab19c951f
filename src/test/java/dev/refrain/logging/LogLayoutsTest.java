package dev.refrain.logging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;
import org.slf4j.event.KeyValuePair;

class LogLayoutsTest {
  private final LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();

  @Test
  void aPlainLineIsForPeople() {
    assertThat(line(Logging.Format.PLAIN, "answered", new KeyValuePair("url.path", "/v1")))
        .matches(
            "\\d{4}-\\d\\d-\\d\\dT\\S+Z INFO  \\[.*] dev.refrain.access - answered"
                + " url.path=/v1\\n");
  }

  @Test
  void nobodyForgesALineOrTalksToTheTerminal() {
    String line =
        line(
            Logging.Format.PLAIN,
            "one\r\ntwo\u001b[31m",
            new KeyValuePair("gen_ai.request.model", "a\nb\u009bc"));
    assertThat(line).hasLineCount(1).doesNotContain("\u001b", "\u009b", "\r");
    assertThat(line).endsWith("- one two [31m gen_ai.request.model=\"a b c\"\n");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '\'',
      value = {
        "/v1/a-b.c:d@1, /v1/a-b.c:d@1",
        "a b, \"a b\"",
        "b=c, \"b=c\"",
        "\"q\", \"\\\"q\\\"\"",
        "a \\, \"a \\\\\"",
        "字, \"字\"",
        "'', \"\"",
        "7, 7"
      })
  void aValueThatCouldBeReadAsMoreFieldsIsInQuotes(String value, String written) {
    assertThat(
            line(
                Logging.Format.PLAIN,
                "answered",
                new KeyValuePair("gen_ai.request.model", value),
                new KeyValuePair("http.response.status_code", 400)))
        .endsWith(
            "- answered gen_ai.request.model=" + written + " http.response.status_code=400\n");
  }

  @Test
  void aLineOfJsonHasTheNamesOfTheCommonSchemaAndItsFieldsKeepTheirTypes() throws IOException {
    String line =
        line(
            Logging.Format.JSON,
            "an\n\"swer",
            new KeyValuePair("http.response.status_code", 200),
            new KeyValuePair("gen_ai.request.model", "a\"\nb"));
    assertThat(line).hasLineCount(1);
    JsonNode json = new ObjectMapper().readTree(line);
    assertThat(json.get("@timestamp").asText()).matches("\\d{4}-.*Z");
    assertThat(json.get("log.level").asText()).isEqualTo("INFO");
    assertThat(json.get("message").asText()).isEqualTo("an\n\"swer");
    assertThat(json.get("log.logger").asText()).isEqualTo("dev.refrain.access");
    assertThat(json.get("service.name").asText()).isEqualTo("refrain");
    assertThat(json.get("http.response.status_code").isInt()).isTrue();
    assertThat(json.get("gen_ai.request.model").asText()).isEqualTo("a\"\nb");
  }

  @Test
  void anExceptionIsPartOfTheLine() throws IOException {
    LoggingEvent event =
        new LoggingEvent(
            "test",
            context.getLogger("test"),
            Level.ERROR,
            "broken",
            new IllegalStateException("why"),
            null);
    String line = new String(LogLayouts.encoder(Logging.Format.JSON, context).encode(event), UTF_8);
    assertThat(line).hasLineCount(1);
    assertThat(new ObjectMapper().readTree(line).get("error.stack_trace").asText())
        .contains("IllegalStateException: why", "LogLayoutsTest");
  }

  private String line(Logging.Format format, String message, KeyValuePair... pairs) {
    LoggingEvent event =
        new LoggingEvent(
            "test", context.getLogger("dev.refrain.access"), Level.INFO, message, null, null);
    event.setKeyValuePairs(List.of(pairs));
    return new String(LogLayouts.encoder(format, context).encode(event), UTF_8);
  }
}
