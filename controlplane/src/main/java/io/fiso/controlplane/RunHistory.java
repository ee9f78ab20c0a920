// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.proto.control.v1.AuditRunResponse;
import io.fiso.proto.control.v1.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/** The runs of a pipeline that no control plane serves at the moment. */
public final class RunHistory {
    private RunHistory() {}

    /**
     * Reads what a control plane kept in its directory, newest first; empty if there is nothing.
     *
     * @throws ControlPlaneException of kind EXISTS if a control plane is alive there: ask it instead
     */
    public static List<Run> read(Path home) {
        return Files.isDirectory(home.resolve("store")) ? ask(home, RunStore::history) : List.of();
    }

    /** The sums of one of these runs, under the same conditions. */
    public static AuditRunResponse audit(Path home, Run run) {
        return ask(home, store -> store.audit(run));
    }

    private static <T> T ask(Path home, Function<RunStore, T> question) {
        try (HomeLock _ = HomeLock.take(home);
                Store store = XodusStore.open(home.resolve("store"))) {
            return question.apply(new RunStore(store, ControlPlaneConfig.KEEP_RUNS));
        } catch (IOException e) {
            throw new ControlPlaneException(
                    ControlPlaneException.Kind.ENVIRONMENT,
                    "controlplane.no_state",
                    "the run history in " + home + " cannot be read: " + e.getMessage(),
                    e);
        }
    }
}
