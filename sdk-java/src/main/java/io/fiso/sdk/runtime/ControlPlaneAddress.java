// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.sdk.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Where the control plane is: at first where the driver said, later where the control file says, which a control plane writes when it has the run and takes
 * away when the run has ended. One that was killed and came back may have another port (guarantee D11).
 */
final class ControlPlaneAddress {
    private static final JsonMapper JSON = new JsonMapper();

    private final @Nullable Path file;
    private HostPort current;

    ControlPlaneAddress(HostPort first, @Nullable Path file) {
        this.current = first;
        this.file = file;
    }

    HostPort current() {
        return current;
    }

    /** Looks again; true if it has changed. */
    boolean changed() {
        String written = read().path("address").asString("");
        if (written.isEmpty() || written.equals(current.toString())) {
            return false;
        }
        try {
            current = HostPort.parse("address", written);
            return true;
        } catch (ConfigException _) {
            // Not written by a control plane.
            return false;
        }
    }

    /** The run that the control plane of this pipeline has now, if it is another than this one; empty if it is not, or there is none. */
    String otherRun(String pipeline, String run) {
        JsonNode file = read();
        String named = file.path("run").asString("");
        return file.path("pipeline").asString("").equals(pipeline) && !named.equals(run) ? named : "";
    }

    private JsonNode read() {
        if (file == null) {
            return JSON.createObjectNode();
        }
        try {
            return JSON.readTree(Files.readString(file));
        } catch (IOException | JacksonException _) {
            // There is no control plane now.
            return JSON.createObjectNode();
        }
    }
}
