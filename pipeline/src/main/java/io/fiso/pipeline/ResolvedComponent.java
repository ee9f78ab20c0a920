// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.pipeline;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One component with nothing left to look up.
 *
 * @param id unique in the pipeline
 * @param type the descriptor's name; empty for a command or image of the user's
 * @param runtimeConfig the document that becomes FISO_CONFIG_FILE, as JSON text: {@code {"config": {...}, "errorHandling": {...}, ...}}
 * @param shownConfig the same with secrets masked
 * @param env variables the user gave it
 * @param secrets the resolved secret values in runtimeConfig and env
 * @param stateVolume what its state is kept on, if not on what comes and goes with it
 */
public record ResolvedComponent(
        String id,
        Kind kind,
        Optional<String> type,
        Launch launch,
        String runtimeConfig,
        String shownConfig,
        Map<String, String> env,
        List<String> secrets,
        int replicas,
        Restart restart,
        Resources resources,
        Duration stallTimeout,
        Optional<StateVolume> stateVolume) {

    /** Whose state is kept wherever the driver keeps it. */
    public ResolvedComponent(
            String id,
            Kind kind,
            Optional<String> type,
            Launch launch,
            String runtimeConfig,
            String shownConfig,
            Map<String, String> env,
            List<String> secrets,
            int replicas,
            Restart restart,
            Resources resources,
            Duration stallTimeout) {
        this(
                id,
                kind,
                type,
                launch,
                runtimeConfig,
                shownConfig,
                env,
                secrets,
                replicas,
                restart,
                resources,
                stallTimeout,
                Optional.empty());
    }

    /** What a component is for. */
    public enum Kind {
        SOURCE,
        PROCESSOR,
        SINK,
        SERVICE
    }

    /** How a component is started. */
    public sealed interface Launch {
        /** A Java component of the distribution: its jar names main class and class path. */
        record Java(Path jar, List<String> jvmArgs, List<String> args) implements Launch {}

        /** A command of the user's; relative paths are resolved against the pipeline file's directory. */
        record Command(List<String> argv, Path directory) implements Launch {}

        /** A container image; only for drivers that run containers. */
        record Image(String name, List<String> args) implements Launch {}
    }

    /** What happens when it ends without being told to. */
    public record Restart(
            Policy policy, Duration initialBackoff, Duration maxBackoff, int maxRestarts, Duration window) {
        /** When it is started again. */
        public enum Policy {
            ALWAYS,
            ON_FAILURE,
            NEVER
        }
    }

    /**
     * A volume per replica, which outlives pods and nodes.
     *
     * @param size in the notation of Kubernetes: {@code 1Gi}
     * @param storageClass the cluster's kind of storage; empty means the cluster's default
     */
    public record StateVolume(String size, Optional<String> storageClass) {}

    /** Limits; empty means none. */
    public record Resources(Optional<String> cpu, Optional<String> memory) {}
}
