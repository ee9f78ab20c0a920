// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.process;

import io.fiso.driver.Capabilities;
import io.fiso.driver.Driver;
import io.fiso.driver.DriverException;
import io.fiso.driver.Handle;
import io.fiso.driver.Instance;
import io.fiso.driver.LaunchSpec;
import java.util.Optional;
import java.util.Set;

/** Starts components as processes of this machine. */
public final class ProcessDriver implements Driver {
    /** The driver's name. */
    public static final String NAME = "process";

    public ProcessDriver(ProcessDriverConfig config) {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Capabilities capabilities() {
        return new Capabilities(
                Set.of(Capabilities.LaunchKind.JAVA, Capabilities.LaunchKind.COMMAND), true, false, true, false);
    }

    @Override
    public Instance start(LaunchSpec spec) throws DriverException {
        throw new DriverException("driver.not_built", "not built yet");
    }

    @Override
    public Optional<Instance> recover(Handle handle) {
        return Optional.empty();
    }

    @Override
    public void close() {}
}
