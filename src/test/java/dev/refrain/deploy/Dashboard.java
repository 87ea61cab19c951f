package dev.refrain.deploy;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.List;

/**
 * A dashboard of Grafana: the fields that ours has, all of which must be there, and no other.
 * Source: Grafana 9 and later, "Dashboard JSON model".
 */
record Dashboard(
    String uid,
    String title,
    String description,
    List<String> tags,
    int schemaVersion,
    int version,
    boolean editable,
    int graphTooltip,
    String timezone,
    String refresh,
    Time time,
    Templating templating,
    Annotations annotations,
    List<JsonNode> links,
    List<Panel> panels) {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .build();

  static Dashboard read(String json) {
    return read(json, Dashboard.class);
  }

  private static <T> T read(String json, Class<T> type) {
    try {
      return MAPPER.readValue(json, type);
    } catch (JsonProcessingException wrong) {
      throw new AssertionError("dashboard: " + wrong.getOriginalMessage(), wrong);
    }
  }

  /** The same with another panel in the place of one. */
  Dashboard with(int place, String panel) {
    List<Panel> others = new ArrayList<>(panels);
    others.set(place, read(panel, Panel.class));
    return new Dashboard(
        uid,
        title,
        description,
        tags,
        schemaVersion,
        version,
        editable,
        graphTooltip,
        timezone,
        refresh,
        time,
        templating,
        annotations,
        links,
        others);
  }

  record Time(String from, String to) {}

  record Annotations(List<JsonNode> list) {}

  record Templating(List<Variable> list) {}

  record Datasource(String type, String uid) {}

  record Place(int x, int y, int w, int h) {}

  record Current(boolean selected, String text, String value) {}

  /** What the reader may choose. */
  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Source.class, name = "datasource"),
    @JsonSubTypes.Type(value = Query.class, name = "query")
  })
  sealed interface Variable {
    String name();
  }

  record Source(
      String name,
      String label,
      String query,
      int refresh,
      boolean multi,
      boolean includeAll,
      Current current,
      int hide)
      implements Variable {}

  record Query(
      String name,
      String label,
      Datasource datasource,
      Asked query,
      String definition,
      int refresh,
      int sort,
      boolean multi,
      boolean includeAll,
      String allValue,
      Current current,
      int hide)
      implements Variable {}

  record Asked(String query, String refId) {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Row.class, name = "row"),
    @JsonSubTypes.Type(value = Stat.class, name = "stat"),
    @JsonSubTypes.Type(value = Series.class, name = "timeseries"),
    @JsonSubTypes.Type(value = States.class, name = "state-timeline")
  })
  sealed interface Panel {
    int id();

    String title();

    Place gridPos();
  }

  record Row(int id, String title, boolean collapsed, Place gridPos, List<JsonNode> panels)
      implements Panel {}

  /** A panel that asks. */
  sealed interface Asking extends Panel {
    String description();

    Datasource datasource();

    List<Target> targets();
  }

  record Target(String refId, String expr, String legendFormat, boolean range) {}

  record Colour(String mode) {}

  record FixedColour(String mode, String fixedColor) {}

  record Fields<D>(D defaults, List<JsonNode> overrides) {}

  record Legend(String displayMode, String placement, boolean showLegend, List<String> calcs) {}

  record Tooltip(String mode, String sort) {}

  record Stat(
      int id,
      String title,
      String description,
      Datasource datasource,
      Place gridPos,
      Fields<Defaults> fieldConfig,
      Options options,
      List<Target> targets)
      implements Asking {
    record Defaults(String unit, int min, FixedColour color) {}

    record Options(
        String colorMode,
        String graphMode,
        String justifyMode,
        String textMode,
        String orientation,
        Reduce reduceOptions) {}

    record Reduce(List<String> calcs, String fields, boolean values) {}
  }

  record Series(
      int id,
      String title,
      String description,
      Datasource datasource,
      Place gridPos,
      Fields<Defaults> fieldConfig,
      Options options,
      List<Target> targets)
      implements Asking {
    record Defaults(String unit, int min, Colour color, Custom custom) {}

    record Custom(
        String drawStyle, int lineWidth, int fillOpacity, String showPoints, Stacking stacking) {}

    record Stacking(String mode, String group) {}

    record Options(Legend legend, Tooltip tooltip) {}
  }

  record States(
      int id,
      String title,
      String description,
      Datasource datasource,
      Place gridPos,
      Fields<Defaults> fieldConfig,
      Options options,
      List<Target> targets)
      implements Asking {
    record Defaults(String unit, int min, int max, Colour color) {}

    record Options(
        String showValue,
        boolean mergeValues,
        double rowHeight,
        String alignValue,
        Legend legend,
        Tooltip tooltip) {}
  }

  /** Those that ask, in their order. */
  List<Asking> asking() {
    return panels.stream().filter(Asking.class::isInstance).map(Asking.class::cast).toList();
  }

  /** An expression as Prometheus gets it, for one choice of the reader. */
  static String asked(String expression) {
    return expression
        .replaceAll("\\$__rate_interval\\b", "5m")
        .replaceAll("\\$__range\\b", "6h")
        .replaceAll("\\$(job|instance|model|endpoint|key)\\b", ".*");
  }
}
