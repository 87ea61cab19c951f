package dev.refrain.upstream;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpHeaders;
import java.util.List;

/** Puts the operator's key in the place of the caller's. */
public final class Credential {
  // Where callers of Azure and of some gateways put theirs; it is no business of the upstream's.
  private static final List<String> CALLERS_KEY = List.of("api-key", "x-api-key");

  private Credential() {}

  /**
   * Replaces the credential in the headers of a request about to be sent.
   *
   * @param apiKey the operator's, or null to leave the caller's as it is
   */
  public static void replace(MultiMap headers, String apiKey) {
    if (apiKey != null) {
      CALLERS_KEY.forEach(headers::remove);
      headers.set(HttpHeaders.AUTHORIZATION, "Bearer " + apiKey);
    }
  }
}
