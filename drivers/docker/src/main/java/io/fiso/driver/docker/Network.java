// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.docker;

import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import io.fiso.driver.DriverException;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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

    /** This machine's address in it. */
    InetAddress gateway() throws DriverException {
        String address = engine.ask(client -> {
            var ipam = client.inspectNetworkCmd().withNetworkId(name).exec().getIpam();
            return Optional.ofNullable(ipam == null ? null : ipam.getConfig()).stream()
                    .flatMap(List::stream)
                    .map(config -> String.valueOf(config.getGateway()))
                    .filter(gateway -> gateway.indexOf('.') > 0)
                    .findFirst()
                    .orElse("");
        });
        if (address.isEmpty()) {
            throw new DriverException(
                    "driver.unreachable",
                    "the Docker network \"" + name
                            + "\" has no IPv4 gateway, by which containers would reach this machine;"
                            + " remove it (docker network rm " + name + "), and it is made anew");
        }
        // Some engines write the length of the prefix behind it.
        return InetAddress.ofLiteral(address.replaceFirst("/.*", ""));
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
