/**
 * Checks everything that a proxy needs before it starts, and describes problems in plain words.
 *
 * <p>Read in this order: {@link dev.refrain.doctor.Doctor} (runs all checks concurrently, with a
 * time limit), {@link dev.refrain.doctor.Doctor.Check} and {@link dev.refrain.doctor.Finding} (a
 * check and its result), {@link dev.refrain.doctor.Report} (lines or JSON); then the checks: {@link
 * dev.refrain.doctor.UpstreamCheck}, {@link dev.refrain.doctor.RedisCheck} and {@code RedisServer},
 * {@link dev.refrain.doctor.PortCheck}, {@link dev.refrain.doctor.OpenFilesCheck}, {@link
 * dev.refrain.doctor.HeapCheck}, {@link dev.refrain.doctor.MemoryCheck}, {@link
 * dev.refrain.doctor.CertificateCheck}, {@link dev.refrain.doctor.KeyCheck}, {@link
 * dev.refrain.doctor.ExposureCheck}, which {@code serve} asks, too.
 *
 * <p>Depends on: {@code inference}, redis, tls and upstream, for addresses and error descriptions;
 * Vert.x clients. Only the root package depends on it.
 *
 * <p>Must never know: requests. Nothing here is used while the proxy serves, but for one check at
 * its start.
 *
 * <p>Always true: every wait is bounded; a finding is one line that names the configuration key to
 * change; it contains no password and no key.
 *
 * <p>Decisions: 0028 (doctor).
 */
package dev.refrain.doctor;
