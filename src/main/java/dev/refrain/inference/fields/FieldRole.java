package dev.refrain.inference.fields;

/** Role of a request header field for the cache. */
public enum FieldRole {
  /** A directive to Refrain itself, {@code X-Refrain-…}: read here and never sent. */
  DIRECTIVE,
  /** Never sent upstream by Refrain, so that it changes no answer there. */
  NOT_SENT,
  /** Sent, and known to change no answer. */
  IGNORED,
  /** Part of the fingerprint: it may change the answer. */
  KEY,
  /** A credential or an account by its name: requests share answers only where it is equal. */
  CREDENTIAL,
  /** Divides like a credential because the operator says so. */
  SCOPE,
  /** Makes another request of it than its body says: the call is made for itself alone. */
  ALONE
}
