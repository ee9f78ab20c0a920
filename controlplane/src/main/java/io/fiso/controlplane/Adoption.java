// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

/**
 * A run that was taken over from a control plane that is gone.
 *
 * @param run its id
 * @param running how many of its components still ran
 * @param missing how many did not, and are started again
 */
public record Adoption(String run, int running, int missing) {}
