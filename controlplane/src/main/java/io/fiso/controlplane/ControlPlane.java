// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import java.util.List;

/**
 * A control plane inside this process.
 *
 * <ol>
 *   <li>{@link #start} returns when gRPC and HTTP answer on the loopback address and {@code control.json} is written. If it throws, nothing is
 *       left behind. Every call over gRPC carries {@code authorization: Bearer <token>}.
 *   <li>Runs are started, stopped and watched over {@code fiso.control.v1.PipelineService}, by the embedding program too.
 *   <li>{@link #close} is idempotent. It ends what still runs by force, so stop and wait first ({@code StopRun}, {@code WatchRun}) for a clean end (guarantee
 *       D9).
 * </ol>
 *
 * Files of a run, under {@code <state>/pipelines/<pipeline>/}: {@code runs/<run>/logs/<id>-<replica>.log} has what a component wrote to standard error,
 * its log; {@code <id>-<replica>.out} beside it has its standard output, what it prints for people. Rotated ones end in {@code .1} (the newest) to
 * {@code .9}; rotation copies and truncates, so who follows a file starts over when it has become shorter.
 */
public final class ControlPlane implements AutoCloseable {
    private ControlPlane() {}

    /**
     * Starts one.
     *
     * @throws ControlPlaneException if a port that was asked for is taken, another control plane is alive in {@code home}, or the store cannot be opened
     */
    public static ControlPlane start(ControlPlaneConfig config) {
        throw new ControlPlaneException(ControlPlaneException.Kind.INTERNAL, "controlplane.not_built", "not built yet");
    }

    /** The port of gRPC on 127.0.0.1. */
    public int grpcPort() {
        return 0;
    }

    /** The port of HTTP on 127.0.0.1. */
    public int httpPort() {
        return 0;
    }

    /** The bearer token. */
    public String token() {
        return "";
    }

    /** What people should know about the start: "port 8080 is taken, using 41237 for gRPC". */
    public List<String> notices() {
        return List.of();
    }

    @Override
    public void close() {}
}
