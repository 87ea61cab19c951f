package dev.refrain.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** Turns closed choices into label values, so that no label can take a value from outside. */
final class Labels {
  private Labels() {}

  /** The value of a label: the constant in lower case. */
  static String of(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  /** One meter for every constant, made now and found by its ordinal later. */
  static <E extends Enum<E>, M> Map<E, M> each(Class<E> constants, Function<E, M> meter) {
    Map<E, M> meters = new EnumMap<>(constants);
    for (E constant : constants.getEnumConstants()) {
      meters.put(constant, meter.apply(constant));
    }
    return meters;
  }

  /** A counter; {@code labels} are names and values in turn. */
  static Counter counter(MeterRegistry registry, String name, String help, String... labels) {
    return Counter.builder(name).description(help).tags(labels).register(registry);
  }

  /** A counter for every constant, which is the value of this one label. */
  static <E extends Enum<E>> Map<E, Counter> counters(
      MeterRegistry registry, Class<E> constants, String name, String help, String label) {
    return each(constants, each -> counter(registry, name, help, label, of(each)));
  }
}
