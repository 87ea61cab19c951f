package dev.refrain.deploy;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Kubernetes' model of what we deploy; a field it does not have, or of a wrong type, fails. */
final class StrictModel {
  private static final Map<String, Class<? extends HasMetadata>> TYPES =
      Stream.of(
              ConfigMap.class,
              Deployment.class,
              HorizontalPodAutoscaler.class,
              NetworkPolicy.class,
              PodDisruptionBudget.class,
              PrometheusRule.class,
              Service.class,
              ServiceMonitor.class)
          .collect(Collectors.toMap(Class::getSimpleName, Function.identity()));

  private static final String ROUTE = "HTTPRoute";
  private static final JsonMapper MAPPER = mapper();

  private StrictModel() {}

  /** The object this manifest describes. */
  static HasMetadata read(JsonNode manifest) {
    String kind = manifest.path("kind").asText();
    if (kind.equals(ROUTE)) {
      return route(manifest);
    }
    Class<? extends HasMetadata> type = TYPES.get(kind);
    if (type == null) {
      throw new AssertionError("kind: " + kind + " (expected: one of " + TYPES.keySet() + ")");
    }
    // The model fills in what is missing.
    String version = manifest.path("apiVersion").asText();
    if (!version.equals(HasMetadata.getApiVersion(type))) {
      throw new AssertionError(kind + ": apiVersion " + version);
    }
    try {
      return MAPPER.treeToValue(manifest, type);
    } catch (JacksonException wrong) {
      throw new AssertionError(kind + ": " + wrong.getOriginalMessage(), wrong);
    }
  }

  /** The model has no type for it here: a rule compares every field. */
  private static HasMetadata route(JsonNode manifest) {
    try {
      return new JsonMapper().treeToValue(manifest, GenericKubernetesResource.class);
    } catch (JacksonException wrong) {
      throw new AssertionError(ROUTE + ": " + wrong.getOriginalMessage(), wrong);
    }
  }

  private static JsonMapper mapper() {
    JsonMapper.Builder builder =
        JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .annotationIntrospector(new WithoutOthers());
    for (CoercionInputShape shape :
        new CoercionInputShape[] {
          CoercionInputShape.Integer, CoercionInputShape.Float, CoercionInputShape.Boolean
        }) {
      builder.withCoercionConfig(
          LogicalType.Textual, config -> config.setCoercion(shape, CoercionAction.Fail));
    }
    return builder.build();
  }

  /** The model's classes gather what they do not know in a map; here they do not. */
  private static final class WithoutOthers extends JacksonAnnotationIntrospector {
    private static final long serialVersionUID = 1L;

    @Override
    public Boolean hasAnySetter(Annotated member) {
      return false;
    }
  }
}
