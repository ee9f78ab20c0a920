// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import io.fiso.driver.DriverException;
import io.fiso.pipeline.ResolvedPipeline;

/**
 * What a driver makes for a whole run, beside its instances. Handed over by whoever knows the concrete driver.
 *
 * <ol>
 *   <li>{@link #prepare} is called before the first start of a run, and again when a start fails because what it made is gone
 *       ({@code driver.not_prepared}); for one run by one thread at a time. Called again for the same run it changes nothing.
 *   <li>A run that is taken over is not prepared while what was made for it is there, so that another version of the control plane changes nothing of what runs.
 *   <li>{@link #remove} is called when every instance of a run has ended; the pipeline's next run begins after it has returned. It is called again, a few times, when it fails.
 *   <li>Both are called on virtual threads and may block.
 * </ol>
 */
public interface RunPreparation {
    /**
     * A run.
     *
     * @param pipeline what it runs
     * @param run its id
     * @param token what its components present
     * @param controlPlane host:port of the control plane, as its components reach it
     */
    record WholeRun(ResolvedPipeline pipeline, String run, String token, String controlPlane) {
        /** Shows no token. */
        @Override
        public String toString() {
            return "WholeRun[" + pipeline.name() + ", " + run + "]";
        }
    }

    /** The driver whose runs these are. */
    String driver();

    /** Makes what the run's instances need. */
    void prepare(WholeRun run) throws DriverException;

    /** Removes all that was made for runs of this pipeline. Nothing happens if there is nothing. */
    void remove(String pipeline) throws DriverException;
}
