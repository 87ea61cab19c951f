package dev.refrain.openai;

import dev.refrain.inference.Endpoint;
import dev.refrain.inference.Language;

/**
 * Everything that distinguishes an endpoint, as a value for readers, scanners and writers. An
 * endpoint is added by one such value, a small {@link Language}, and a row in the table of
 * definitions at the root.
 *
 * @param request what its requests look like
 * @param answer what its answers look like
 * @param language its answers as the stages see them
 * @param postOnly whether the path has no other method than POST; if it has, they pass through
 */
public record EndpointDefinition(
    RequestSchema request, AnswerShape answer, Language language, boolean postOnly) {

  /** An endpoint whose path has no other method. */
  public EndpointDefinition(RequestSchema request, AnswerShape answer, Language language) {
    this(request, answer, language, true);
  }

  /** Its names. */
  public Endpoint endpoint() {
    return language.endpoint();
  }
}
