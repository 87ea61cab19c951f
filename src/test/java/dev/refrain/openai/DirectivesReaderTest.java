package dev.refrain.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.refrain.inference.Directives;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DirectivesReaderTest {
  private static final long ANY = Long.MAX_VALUE;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "no-cache | true | 9223372036854775807 | false | false",
        "No-Cache | true | 9223372036854775807 | false | false",
        "no-store | false | 9223372036854775807 | false | true",
        "\"No-Store\" | false | 9223372036854775807 | false | true",
        "no-store=1 | false | 9223372036854775807 | false | true",
        "only-if-cached | false | 9223372036854775807 | true | false",
        "max-age=60 | false | 60 | false | false",
        "max-age=\"60\" | false | 60 | false | false",
        "max-age=0 | false | 0 | false | false",
        "max-age=60, max-age=30 | false | 30 | false | false",
        "max-age=soon | false | 0 | false | false",
        "max-age=-1 | false | 0 | false | false",
        "max-age= | false | 0 | false | false",
        "max-age=99999999999999999999999 | false | 9223372036854775807 | false | false",
        ",, no-cache ,only-if-cached,max-age=5, x=y | true | 5 | true | false",
        "no-stores, xno-cache, no-transform | false | 9223372036854775807 | false | false",
      })
  void readsTheWordsOfTheStandard(
      String control, boolean noCache, long maxAge, boolean onlyIfCached, boolean noStore) {
    DirectivesReader.Parsed parsed =
        DirectivesReader.read(ReaderFixture.headers("Cache-Control", control));
    assertThat(parsed.directives()).isEqualTo(new Directives(noCache, maxAge, onlyIfCached));
    assertThat(parsed.noStore()).isEqualTo(noStore);
  }

  @Test
  void severalLinesAreOneList() {
    DirectivesReader.Parsed parsed =
        DirectivesReader.read(
            ReaderFixture.headers("Cache-Control", "no-cache", "cache-control", "max-age=3"));
    assertThat(parsed.directives()).isEqualTo(new Directives(true, 3, false));
  }

  @Test
  void nothingSaidIsNothingAskedFor() {
    DirectivesReader.Parsed parsed = DirectivesReader.read(ReaderFixture.headers());
    assertThat(parsed.directives()).isEqualTo(new Directives(false, ANY, false));
    assertThat(parsed.noStore()).isFalse();
  }
}
