package dev.refrain;

import dev.refrain.openai.EndpointDefinition;
import dev.refrain.openai.chat.Chat;
import dev.refrain.openai.completions.Completions;
import dev.refrain.openai.embeddings.Embeddings;
import java.util.List;

/** The endpoints that Refrain answers itself. All other requests pass through. */
public final class Api {
  public static final List<EndpointDefinition> ENDPOINTS =
      List.of(Completions.DEFINITION, Chat.DEFINITION, Embeddings.DEFINITION);

  private Api() {}
}
