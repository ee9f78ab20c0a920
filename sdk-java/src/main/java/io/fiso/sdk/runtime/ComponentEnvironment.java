// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.sdk.ConfigException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a driver tells a component through its environment.
 *
 * @param controlPlane host:port of the control plane
 * @param component its id
 * @param pipeline the pipeline's name
 * @param run the run's id
 * @param token what every call carries
 * @param configFile its config; null if it has none
 * @param stateDirectory a directory of its own that survives restarts
 * @param listen where to bind gRPC, host:port
 * @param httpListen where to bind HTTP, host:port
 * @param advertiseHost the host to register; empty for the bound address
 */
public record ComponentEnvironment(
        String controlPlane,
        String component,
        String pipeline,
        String run,
        String token,
        @Nullable Path configFile,
        Path stateDirectory,
        String listen,
        String httpListen,
        String advertiseHost) {
    private static final String ANY_LOOPBACK_PORT = "127.0.0.1:0";

    /** Reads the variables, and reports all that are missing at once. */
    public static ComponentEnvironment from(Map<String, String> variables) {
        List<String> missing = new ArrayList<>();
        for (String name : List.of("FISO_CONTROL_PLANE", "FISO_COMPONENT_ID", "FISO_RUN_ID", "FISO_TOKEN")) {
            if (variables.getOrDefault(name, "").isBlank()) {
                missing.add(name + " is not set; a driver sets it when it starts a component (see 'fisoctl run')");
            }
        }
        if (!missing.isEmpty()) {
            throw new ConfigException(missing);
        }
        String component = variables.getOrDefault("FISO_COMPONENT_ID", "");
        String run = variables.getOrDefault("FISO_RUN_ID", "");
        String config = variables.getOrDefault("FISO_CONFIG_FILE", "");
        return new ComponentEnvironment(
                variables.getOrDefault("FISO_CONTROL_PLANE", ""),
                component,
                variables.getOrDefault("FISO_PIPELINE", run),
                run,
                variables.getOrDefault("FISO_TOKEN", ""),
                config.isEmpty() ? null : Path.of(config),
                Path.of(variables.getOrDefault("FISO_STATE_DIR", "fiso-state/" + component)),
                variables.getOrDefault("FISO_LISTEN", ANY_LOOPBACK_PORT),
                variables.getOrDefault("FISO_HTTP_LISTEN", ANY_LOOPBACK_PORT),
                variables.getOrDefault("FISO_ADVERTISE_HOST", ""));
    }

    /** Shows no token. */
    @Override
    public String toString() {
        return "ComponentEnvironment[" + component + " of " + pipeline + ", run " + run + ", control plane "
                + controlPlane + "]";
    }
}
