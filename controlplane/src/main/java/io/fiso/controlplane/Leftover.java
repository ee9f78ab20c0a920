// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.driver.Driver;
import io.fiso.driver.Instance;
import io.fiso.pipeline.ResolvedPipeline;
import java.util.Map;

/**
 * A run whose control plane is gone and of which something still runs.
 *
 * @param live what was stored of it
 * @param pipeline what it runs
 * @param driver the driver that started it
 * @param found what still runs of it
 */
record Leftover(RunStore.LiveRun live, ResolvedPipeline pipeline, Driver driver, Map<ReplicaId, Instance> found) {
    Leftover {
        found = Map.copyOf(found);
    }

    /** For people: "3 of 3 components". */
    String alive() {
        return found.size() + " of " + live.instances().size() + " components";
    }
}
