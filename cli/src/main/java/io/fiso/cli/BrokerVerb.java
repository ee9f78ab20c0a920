// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.broker.client.ResourceNames;
import io.fiso.cli.output.Answer;
import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import java.io.IOException;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** A command that asks a broker. */
abstract class BrokerVerb extends Verb {
    private final ResourceNames kind;

    @Mixin
    BrokerOptions broker = new BrokerOptions();

    BrokerVerb(Host host, ResourceNames kind) {
        super(host);
        this.kind = kind;
    }

    /** Does it with a connection that is closed afterwards. */
    abstract Answer answer(BrokerClient client) throws IOException, InterruptedException;

    /** Refuses what is wrong with the command line, before anybody is asked. */
    void check() {}

    @Override
    final Answer answer() throws IOException, InterruptedException {
        check();
        try (BrokerClient client = new BrokerClient(broker.address(host), kind, broker.timeout)) {
            return answer(client);
        }
    }

    /** One that is for one stream, queue or store. */
    abstract static class Named extends BrokerVerb {
        @Parameters(
                index = "0",
                paramLabel = "NAME",
                description =
                        "Its name: orders, shop/orders in another namespace, or acme/shop/orders in another tenant's")
        String name = "";

        Named(Host host, ResourceNames kind) {
            super(host, kind);
        }

        abstract Answer answer(BrokerClient client, String whole) throws IOException, InterruptedException;

        @Override
        final Answer answer(BrokerClient client) throws IOException, InterruptedException {
            return answer(client, whole(client.kind(), name));
        }
    }

    static String whole(ResourceNames kind, String written) {
        try {
            return kind.whole(written);
        } catch (IllegalArgumentException e) {
            throw new CommandException(Failure.invalid("broker.name_invalid", String.valueOf(e.getMessage()), ""), e);
        }
    }
}
