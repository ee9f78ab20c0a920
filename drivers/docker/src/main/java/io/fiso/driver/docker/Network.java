// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.docker;

import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import io.fiso.driver.DriverException;
import java.util.Map;

/** The network in which containers find each other by name. A bridge of its own: in the engine's default one there are no names. */
final class Network {
    private final Engine engine;
    private final String name;

    Network(Engine engine, String name) {
        this.engine = engine;
        this.name = name;
    }

    String name() {
        return name;
    }

    /** Makes it if it is missing; one that is there is used as it is, whoever made it. */
    void ensure() throws DriverException {
        engine.ask(client -> {
            try {
                client.inspectNetworkCmd().withNetworkId(name).exec();
                return Boolean.FALSE;
            } catch (NotFoundException _) {
                try {
                    client.createNetworkCmd()
                            .withName(name)
                            .withDriver("bridge")
                            .withCheckDuplicate(true)
                            .withLabels(Map.of(Labels.NETWORK, name))
                            .exec();
                } catch (ConflictException _) {
                    // Somebody else was faster.
                }
                return Boolean.TRUE;
            }
        });
    }

    /** Removes it, if a driver made it and nothing is in it; the engine itself refuses to remove one that is in use. */
    void removeIfUnused() throws DriverException {
        engine.ask(client -> {
            try {
                var network = client.inspectNetworkCmd().withNetworkId(name).exec();
                Map<String, String> labels = network.getLabels();
                if (labels != null
                        && labels.containsKey(Labels.NETWORK)
                        && network.getContainers().isEmpty()) {
                    client.removeNetworkCmd(network.getId()).exec();
                    return Boolean.TRUE;
                }
            } catch (NotFoundException _) {
                // Gone already.
            } catch (DockerException e) {
                if (!String.valueOf(e.getMessage()).contains("active endpoints")) {
                    throw e;
                }
            }
            return Boolean.FALSE;
        });
    }
}
