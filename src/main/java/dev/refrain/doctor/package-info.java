/**
 * Looks at everything a proxy will need, before it is needed, and says in plain words what is
 * wrong.
 *
 * <p>Read in this order: {@link dev.refrain.doctor.Doctor} (makes all checks at once, within a
 * time), {@link dev.refrain.doctor.Check} and {@link dev.refrain.doctor.Finding} (what a check is,
 * and comes to), {@link dev.refrain.doctor.Report} (lines or JSON); then the checks: {@link
 * dev.refrain.doctor.UpstreamCheck}, {@link dev.refrain.doctor.RedisCheck} and {@code RedisServer},
 * {@link dev.refrain.doctor.PortCheck}, {@link dev.refrain.doctor.OpenFilesCheck}, {@link
 * dev.refrain.doctor.HeapCheck}, {@link dev.refrain.doctor.CertificateCheck}, {@link
 * dev.refrain.doctor.KeyCheck}.
 *
 * <p>Depends on: completion, redis, tls and upstream, for where things are and how trouble is
 * named; Vert.x' clients. Only the root knows it.
 *
 * <p>Must never know: requests. Nothing here is used while the proxy serves.
 *
 * <p>Always true: every wait has an end; what is found is a line that names the key of the
 * configuration to change; no password and no key is in it.
 *
 * <p>Decisions: 0028 (doctor).
 */
package dev.refrain.doctor;
