// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.sdk.ConfigException;
import io.fiso.tls.TlsDirectory;
import io.fiso.tls.TlsIdentity;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
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
 * @param advertiseHost the host to register; empty for the bound address, or for what this host's name stands for if all are bound
 * @param replica the replica index it was started as; empty if it was told none
 * @param controlFile the file that names the control plane's address whenever there is one; null if there is none
 * @param tlsDirectory the directory with its certificate and key, and whom it trusts; null for connections in plain text
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
        String advertiseHost,
        OptionalInt replica,
        @Nullable Path controlFile,
        @Nullable Path tlsDirectory) {
    private static final String ANY_LOOPBACK_PORT = "127.0.0.1:0";

    /** One that was told of no replica index, no control file and no certificate. */
    public ComponentEnvironment(
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
        this(
                controlPlane,
                component,
                pipeline,
                run,
                token,
                configFile,
                stateDirectory,
                listen,
                httpListen,
                advertiseHost,
                OptionalInt.empty(),
                null,
                null);
    }

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
        String controlFile = variables.getOrDefault("FISO_CONTROL_FILE", "");
        String tls = variables.getOrDefault("FISO_TLS_DIR", "");
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
                variables.getOrDefault("FISO_ADVERTISE_HOST", ""),
                replica(variables.getOrDefault("FISO_REPLICA", "")),
                controlFile.isEmpty() ? null : Path.of(controlFile),
                tls.isEmpty() ? null : Path.of(tls));
    }

    /** The same with a certificate. */
    public ComponentEnvironment withTlsDirectory(Path directory) {
        return new ComponentEnvironment(
                controlPlane,
                component,
                pipeline,
                run,
                token,
                configFile,
                stateDirectory,
                listen,
                httpListen,
                advertiseHost,
                replica,
                controlFile,
                directory);
    }

    /**
     * Who this component is to others; null for connections in plain text.
     *
     * @throws ConfigException if there is to be TLS and a file for it cannot be used
     */
    @Nullable
    TlsIdentity identity() {
        try {
            return tlsDirectory == null ? null : TlsIdentity.read(new TlsDirectory(tlsDirectory));
        } catch (IOException e) {
            throw new ConfigException(List.of("FISO_TLS_DIR asks for TLS, but " + e.getMessage()));
        }
    }

    private static OptionalInt replica(String text) {
        if (text.isEmpty()) {
            return OptionalInt.empty();
        }
        try {
            return OptionalInt.of(Integer.parseUnsignedInt(text));
        } catch (NumberFormatException e) {
            throw new ConfigException(
                    List.of("FISO_REPLICA is '" + text + "', which is no replica index; it is a number from 0"));
        }
    }

    /** Shows no token. */
    @Override
    public String toString() {
        return "ComponentEnvironment[" + component + " of " + pipeline + ", run " + run + ", control plane "
                + controlPlane + "]";
    }
}
