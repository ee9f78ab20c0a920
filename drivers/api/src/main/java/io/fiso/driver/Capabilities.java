// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver;

import java.util.Set;

/**
 * What a driver can do.
 *
 * @param launches the kinds of {@link LaunchSpec.Launch} it accepts
 * @param sharesLoopback whether {@code localhost} inside an instance is this machine's
 * @param limitsResources whether it enforces {@link LaunchSpec.Resources}
 * @param reportsExitCode whether an exit code is known of instances this process started
 * @param restartsItself whether the platform restarts instances by itself, so that the control plane must not
 */
public record Capabilities(
        Set<LaunchKind> launches,
        boolean sharesLoopback,
        boolean limitsResources,
        boolean reportsExitCode,
        boolean restartsItself) {
    public Capabilities {
        launches = Set.copyOf(launches);
    }

    /** Kinds of launch. */
    public enum LaunchKind {
        JAVA,
        COMMAND,
        IMAGE
    }
}
