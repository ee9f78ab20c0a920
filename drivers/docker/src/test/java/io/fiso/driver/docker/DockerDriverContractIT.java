// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.docker;

import io.fiso.driver.Driver;
import io.fiso.driver.testkit.BusyboxImage;
import io.fiso.driver.testkit.DockerEngine;
import io.fiso.driver.testkit.DriverContract;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;

/** The promises of every driver, kept by a real engine. */
class DockerDriverContractIT extends DriverContract {
    private static final String IMAGE = "fiso-test/busybox:1";

    @BeforeAll
    static void makeImage() throws Exception {
        BusyboxImage.make(IMAGE);
    }

    @Override
    protected Driver driver() {
        return new DockerDriver(new DockerDriverConfig(
                Optional.of(DockerEngine.host()), "fiso-contract", "fiso-test/", "1", Optional.of(IMAGE)));
    }

    @Override
    protected List<String> ownVariables() {
        return List.of("PATH", "HOME", "HOSTNAME");
    }

    @Override
    protected List<String> identity() {
        return List.of("container");
    }
}
