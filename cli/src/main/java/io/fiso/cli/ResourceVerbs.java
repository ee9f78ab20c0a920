// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.broker.client.ResourceNames;
import io.fiso.cli.output.Answer;
import io.fiso.cli.output.Format;
import io.fiso.cli.output.Table;
import io.fiso.proto.broker.v1.CreateResourceRequest;
import io.fiso.proto.broker.v1.DeleteResourceRequest;
import io.fiso.proto.broker.v1.Durability;
import io.fiso.proto.broker.v1.GetResourceRequest;
import io.fiso.proto.broker.v1.Resource;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What is done alike with streams, queues and key-value stores. */
final class ResourceVerbs {
    private ResourceVerbs() {}

    /** When an answer to a write is given. */
    enum Answered {
        fsync,
        os,
        interval;

        Durability wire() {
            return switch (this) {
                case fsync -> Durability.DURABILITY_FSYNC;
                case os -> Durability.DURABILITY_OS;
                case interval -> Durability.DURABILITY_INTERVAL;
            };
        }
    }

    @Command(name = "list", description = "Those there are, with their settings")
    static final class ListThem extends BrokerVerb {
        private final ResourceNames kind;

        ListThem(Host host, ResourceNames kind) {
            super(host, kind);
            this.kind = kind;
        }

        @Override
        Answer answer(BrokerClient client) {
            List<Resource> found = client.all();
            String what = switch (kind) {
                case STREAM -> PipelineFile.count(found.size(), "stream");
                case QUEUE -> PipelineFile.count(found.size(), "queue");
                case KEY_VALUE -> PipelineFile.count(found.size(), "key-value store");
            };
            Table table = new Table("NAME", "DURABILITY", "SETTINGS");
            found.forEach(r ->
                    table.row(BrokerNames.brief(r.getName()), ResourceText.durability(r), ResourceText.settings(r)));
            return Answer.ok(
                    what,
                    found.stream().map(ResourceText::data).toList(),
                    found.isEmpty()
                            ? "there are none; \"fisoctl " + BrokerClient.word(kind) + " create NAME\" makes one"
                            : table.render(terminal().width()));
        }
    }

    /** Makes one. */
    abstract static class Create extends BrokerVerb.Named {
        @Option(
                names = "--durability",
                paramLabel = "fsync|os|interval",
                defaultValue = "fsync",
                description =
                        "When a write is answered: when it is on the disk (fsync, default), when the operating system has it (os), or as os, and on the disk"
                                + " within a second (interval)")
        Answered durability = Answered.fsync;

        Create(Host host, ResourceNames kind) {
            super(host, kind);
        }

        /** Says what only its kind has. */
        abstract void settings(Resource.Builder resource);

        @Override
        Answer answer(BrokerClient client, String whole) {
            Resource.Builder asked = Resource.newBuilder().setName(whole).setDurability(durability.wire());
            settings(asked);
            Resource made = client.call(
                            whole,
                            () -> client.resources()
                                    .createResource(CreateResourceRequest.newBuilder()
                                            .setResource(asked)
                                            .build()))
                    .getResource();
            String summary = made.getName() + ": " + ResourceText.durability(made) + ", " + ResourceText.settings(made);
            return Answer.ok(summary, ResourceText.data(made), summary);
        }
    }

    @Command(description = "Remove one with all that is in it")
    static final class Remove extends BrokerVerb.Named {
        @Mixin
        Confirmation confirmation = new Confirmation();

        Remove(Host host, ResourceNames kind) {
            super(host, kind);
        }

        @Override
        Answer answer(BrokerClient client, String whole) {
            // Whoever mistyped the name need not say yes first.
            get(client, whole);
            confirmation.require(terminal(), "broker", "remove " + whole + " with all that is in it");
            client.call(
                    whole,
                    () -> client.resources()
                            .deleteResource(DeleteResourceRequest.newBuilder()
                                    .setName(whole)
                                    .build()));
            String summary = whole + " removed";
            return Answer.ok(summary, Format.map("name", whole), summary);
        }
    }

    static Resource get(BrokerClient client, String whole) {
        return client.call(
                        whole,
                        () -> client.resources()
                                .getResource(GetResourceRequest.newBuilder()
                                        .setName(whole)
                                        .build()))
                .getResource();
    }
}
