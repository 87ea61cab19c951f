/**
 * Holds {@code k8s/}, {@code Dockerfile} and the image of the build to the program and to what
 * Kubernetes knows.
 *
 * <p>Read in this order: {@link dev.refrain.deploy.Kustomization} (files to manifests), {@link
 * dev.refrain.deploy.StrictModel} (manifests to objects, no field unknown), {@link
 * dev.refrain.deploy.Rollout} (the objects of one overlay), {@code …Rules} (what must be true of
 * them), {@link dev.refrain.deploy.ManifestsTest} (that it is), {@link
 * dev.refrain.deploy.MutationTest} (that it would be noticed if it were not).
 *
 * <p>Always true: a rule fails for a manifest in which anything it needs is missing; it never
 * passes because there was nothing to look at.
 *
 * <p>Decisions: docs/internals/decisions/0023, 0026.
 */
package dev.refrain.deploy;
