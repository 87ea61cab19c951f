package dev.refrain.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.refrain.rules.RuleSettings;
import dev.refrain.settings.Size;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ReferenceFileTest {
  private static final Pattern KEY = Pattern.compile("\\s*(- )?[A-Za-z]+:.*");

  @Test
  void theReferenceAndTheRecordsHaveTheSameKeys() {
    Set<String> written = new TreeSet<>();
    written(Yaml.read(ConfigLoader.reference(), "reference"), "", written);
    Set<String> known = new TreeSet<>();
    known(Config.class, "", known);
    assertThat(written).isEqualTo(known).hasSizeGreaterThan(40);
  }

  @Test
  void everyKeyCarriesAComment() {
    List<String> lines = ConfigLoader.reference().lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (KEY.matcher(line).matches()) {
        boolean commented = line.contains(" # ") || lines.get(i - 1).strip().startsWith("# ");
        assertThat(commented).as("comment of line %s: %s", i + 1, line).isTrue();
      }
    }
  }

  @Test
  void theCommentOfARangedValueNamesItsRange() {
    List<String> lines = ConfigLoader.reference().lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).matches("\\s*[A-Za-z]+: [0-9]+(\\.[0-9]+)?(ms|s|m|h|KiB|MiB)?")) {
        assertThat(lines.get(i - 1)).as(lines.get(i).strip()).matches(".*\\d\\S*( byte)? to \\d.*");
      }
    }
  }

  @Test
  void theReferenceIsItselfAValidConfiguration() {
    Config config = ConfigLoader.parse(ConfigLoader.reference());
    assertThat(config.upstreams()).hasSize(1);
    assertThat(config.upstreams().get(0).url()).hasToString("https://api.openai.com");
  }

  @Test
  void theReferenceNamesEveryVariableOfTheEnvironment() {
    assertThat(ConfigLoader.reference())
        .contains(
            EnvironmentOverrides.CONFIG,
            EnvironmentOverrides.PORT,
            EnvironmentOverrides.MANAGEMENT_PORT,
            EnvironmentOverrides.MANAGEMENT_TOKEN,
            EnvironmentOverrides.UPSTREAM_URL,
            EnvironmentOverrides.UPSTREAM_API_KEY,
            EnvironmentOverrides.REDIS_URL,
            EnvironmentOverrides.REDIS_PASSWORD,
            EnvironmentOverrides.SENTINEL_PASSWORD);
  }

  private static void written(JsonNode node, String path, Set<String> keys) {
    node.properties()
        .forEach(
            entry -> {
              String key = ConfigTree.join(path, entry.getKey());
              keys.add(key);
              written(entry.getValue(), key, keys);
            });
    if (node.isArray() && !node.isEmpty()) {
      written(node.get(0), path, keys);
    }
  }

  private static void known(Class<?> section, String path, Set<String> keys) {
    Arrays.stream(section.getRecordComponents())
        .forEach(
            component -> {
              String key = ConfigTree.join(path, component.getName());
              keys.add(key);
              if (isSection(valueOf(component))) {
                known(valueOf(component), key, keys);
              }
            });
  }

  private static boolean isSection(Class<?> type) {
    return type.isRecord() && type != Size.class && type != RuleSettings.Temperature.class;
  }

  private static Class<?> valueOf(RecordComponent component) {
    Type type = component.getGenericType();
    return (Class<?>)
        (type instanceof ParameterizedType list ? list.getActualTypeArguments()[0] : type);
  }
}
