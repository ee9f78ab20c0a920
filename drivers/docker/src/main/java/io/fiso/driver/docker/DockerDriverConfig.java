// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.docker;

import java.util.Optional;

/**
 * What the docker driver needs.
 *
 * @param host the engine, as in {@code unix:///var/run/docker.sock}; empty means what {@code DOCKER_HOST} or the user's Docker configuration says
 * @param network the network that all containers join; made when it is missing
 * @param imagePrefix what stands before a component's type in the name of its image: {@code fiso/}
 * @param imageVersion the tag of the components' images
 * @param commandImage the image in which commands are run; empty if commands are refused
 */
public record DockerDriverConfig(
        Optional<String> host, String network, String imagePrefix, String imageVersion, Optional<String> commandImage) {
    /** The network's name unless another is wanted. */
    public static final String NETWORK = "fiso-network";

    /** The engine that the user's Docker client talks to, and components' images of this version. */
    public static DockerDriverConfig of(String imageVersion) {
        return new DockerDriverConfig(Optional.empty(), NETWORK, "fiso/", imageVersion, Optional.empty());
    }

    /** The image of a component of the distribution. */
    String image(String type) {
        return imagePrefix + type + ":" + imageVersion;
    }
}
