// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.broker.client.BrokerAddress;
import io.fiso.broker.client.RunningBroker;
import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import io.fiso.controlplane.BrokerProvider;
import io.fiso.driver.process.ProcessDriver;
import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The broker of this machine, for runs whose components run on it: the one that is there, else one that is started. */
final class PipelineBroker implements BrokerProvider {
    private final LocalBroker local;
    private final Consumer<RunningBroker> told;
    private @Nullable RunningBroker last;

    /** @param told hears of a broker when it is given to a component for the first time */
    PipelineBroker(LocalBroker local, Consumer<RunningBroker> told) {
        this.local = local;
        this.told = told;
    }

    /** It listens on the loopback address, which only processes of this machine reach. */
    @Override
    public boolean reaches(String driver) {
        return driver.equals(ProcessDriver.NAME);
    }

    @Override
    public synchronized BrokerAddress find() throws IOException, InterruptedException {
        RunningBroker found = findOrStart();
        if (!found.equals(last)) {
            last = found;
            told.accept(found);
        }
        return found.address();
    }

    private RunningBroker findOrStart() throws IOException, InterruptedException {
        try {
            return local.findOrStart();
        } catch (CommandException e) {
            Failure failure = e.failure();
            throw new IOException(failure.message() + (failure.remedy().isEmpty() ? "" : "\n" + failure.remedy()), e);
        }
    }
}
