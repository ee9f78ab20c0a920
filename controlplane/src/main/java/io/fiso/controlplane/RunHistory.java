// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.proto.control.v1.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The runs of a pipeline that no control plane serves at the moment. */
public final class RunHistory {
    private RunHistory() {}

    /**
     * Reads what a control plane kept in its directory, newest first; empty if there is nothing.
     *
     * @throws ControlPlaneException of kind EXISTS if a control plane is alive there: ask it instead
     */
    public static List<Run> read(Path home) {
        Path directory = home.resolve("store");
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (HomeLock _ = HomeLock.take(home);
                Store store = XodusStore.open(directory)) {
            return new RunStore(store).history();
        } catch (IOException e) {
            throw new ControlPlaneException(
                    ControlPlaneException.Kind.ENVIRONMENT,
                    "controlplane.no_state",
                    "the run history in " + home + " cannot be read: " + e.getMessage(),
                    e);
        }
    }
}
