// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import java.util.List;

/**
 * Where the runs of each pipeline are kept, and who may run it. For any thread; {@link #take} may block up to ten seconds, the others do not.
 */
interface RunHomes extends AutoCloseable {
    /**
     * Makes sure that this control plane, and nobody else, has the pipeline until {@link #leave} has been called as often as this.
     *
     * @throws ControlPlaneException if another control plane has it, or the store cannot be opened
     */
    RunStore take(String pipeline);

    /** Once more, of a pipeline that has been taken. */
    RunStore hold(String pipeline);

    /** The last one to leave gives the pipeline back. */
    void leave(String pipeline);

    /** The stores that are open. */
    List<RunStore> open();

    @Override
    void close();

    /** One directory for whatever the control plane runs, which has been taken for its whole life. Closing it is left to who took it. */
    record Single(RunStore store) implements RunHomes {
        @Override
        public RunStore take(String pipeline) {
            return store;
        }

        @Override
        public RunStore hold(String pipeline) {
            return store;
        }

        @Override
        public void leave(String pipeline) {
            // It is left when the control plane ends.
        }

        @Override
        public List<RunStore> open() {
            return List.of(store);
        }

        @Override
        public void close() {
            // Whoever opened the store closes it.
        }
    }
}
