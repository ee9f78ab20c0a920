// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.cli.images.ImageNames;
import io.fiso.driver.Driver;
import io.fiso.driver.docker.DockerDriver;
import io.fiso.driver.docker.DockerDriverConfig;
import io.fiso.driver.process.ProcessDriver;
import io.fiso.driver.process.ProcessDriverConfig;
import java.util.List;
import java.util.Optional;

/** The drivers of a control plane on this machine. Making them asks nobody: an engine is looked for when a pipeline wants it. */
final class Drivers {
    private Drivers() {}

    /** @param images what the components' images are called */
    static List<Driver> onThisMachine(Host host, ImageNames images) {
        DockerDriver containers = new DockerDriver(new DockerDriverConfig(
                Optional.empty(), DockerDriverConfig.NETWORK, images.prefix() + "/", images.tag(), Optional.empty()));
        return List.of(processes(host), containers);
    }

    static ProcessDriver processes(Host host) {
        return new ProcessDriver(ProcessDriverConfig.of(host.cacheHome().resolve("aot")));
    }
}
