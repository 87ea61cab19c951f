package dev.refrain.json;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;

class EditsTest {
  private final Buffer original = Buffer.buffer("0123456789");
  private final Edits edits = new Edits();

  @Test
  void withoutEditsTheOriginalItselfIsGiven() {
    assertThat(edits.applyTo(original)).isSameAs(original);
  }

  @Test
  void editsAreCarriedOutInTheOrderOfTheirPlaces() {
    edits.replace(8, 9, "y");
    edits.replace(0, 2, "");
    edits.replace(4, 5, "four");
    assertThat(edits.applyTo(original)).hasToString("23four567y9");
    assertThat(original).hasToString("0123456789");
  }

  @Test
  void insertionsAtOnePlaceStayInTheOrderInWhichTheyCame() {
    edits.replace(1, 1, "a");
    edits.replace(1, 1, "b");
    edits.replace(10, 10, "z");
    assertThat(edits.applyTo(original)).hasToString("0ab123456789z");
  }

  @Test
  void aWiderEditTakesThePlaceOfThoseInside() {
    edits.replace(3, 4, "x");
    edits.replace(2, 6, "-");
    assertThat(edits.applyTo(original)).hasToString("01-6789");
  }

  @Test
  void aCopyDoesNotChangeWhatItWasCopiedFrom() {
    edits.replace(0, 1, "a");
    Edits copy = new Edits(edits);
    copy.replace(9, 10, "z");
    assertThat(edits.applyTo(original)).hasToString("a123456789");
    assertThat(copy.applyTo(original)).hasToString("a12345678z");
  }
}
