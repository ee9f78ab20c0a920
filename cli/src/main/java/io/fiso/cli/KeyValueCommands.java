// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import com.google.protobuf.ByteString;
import io.fiso.broker.client.ResourceNames;
import io.fiso.cli.output.Answer;
import io.fiso.cli.output.CommandException;
import io.fiso.cli.output.Failure;
import io.fiso.cli.output.Format;
import io.fiso.proto.broker.v1.DeleteKeyRequest;
import io.fiso.proto.broker.v1.DeleteKeyResponse;
import io.fiso.proto.broker.v1.GetKeyRequest;
import io.fiso.proto.broker.v1.KeyCondition;
import io.fiso.proto.broker.v1.KeyEntry;
import io.fiso.proto.broker.v1.KeyValueSettings;
import io.fiso.proto.broker.v1.PutKeyRequest;
import io.fiso.proto.broker.v1.Resource;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Key-value stores of the embedded broker. */
final class KeyValueCommands {
    private KeyValueCommands() {}

    static Group group(Host host) {
        return new Group(host, "kv", "Key-value stores of the embedded broker")
                .verb("list", h -> new ResourceVerbs.ListThem(h, ResourceNames.KEY_VALUE))
                .verb("create", Create::new)
                .verb("describe", Describe::new)
                .verb("get", Get::new)
                .verb("put", Put::new)
                .verb("delete", Delete::new)
                .verb("scan", KeyScanCommand::new)
                .verb("watch", KeyWatchCommand::new)
                .verb("destroy", h -> new ResourceVerbs.Remove(h, ResourceNames.KEY_VALUE));
    }

    /** For programs. */
    static Map<String, @Nullable Object> data(KeyEntry entry, boolean value) {
        Map<String, @Nullable Object> data =
                Format.map("key", entry.getKey(), "revision", entry.getRevision(), "expires", expiry(entry));
        if (value) {
            ByteText.put(data, "value", entry.getValue());
        }
        return data;
    }

    static @Nullable String expiry(KeyEntry entry) {
        return entry.hasExpireTime() ? WireDurations.of(entry.getExpireTime()).toString() : null;
    }

    /** One that is for one key. */
    abstract static class OfKey extends BrokerVerb.Named {
        @Parameters(index = "1", paramLabel = "KEY", description = "Which")
        String key = "";

        OfKey(Host host) {
            super(host, ResourceNames.KEY_VALUE);
        }
    }

    @Command(name = "create", description = "Make a store; one that is there with the same settings is no error")
    static final class Create extends ResourceVerbs.Create {
        @Option(
                names = "--default-ttl",
                paramLabel = "DURATION",
                converter = Durations.class,
                description = "How long keys live if their put does not say (default: for ever)")
        @Nullable
        Duration ttl;

        Create(Host host) {
            super(host, ResourceNames.KEY_VALUE);
        }

        @Override
        void settings(Resource.Builder resource) {
            KeyValueSettings.Builder store = KeyValueSettings.newBuilder();
            if (ttl != null) {
                store.setDefaultTtl(WireDurations.wire(ttl));
            }
            resource.setKeyValue(store);
        }
    }

    @Command(name = "describe", description = "Settings of a store")
    static final class Describe extends BrokerVerb.Named {
        Describe(Host host) {
            super(host, ResourceNames.KEY_VALUE);
        }

        @Override
        Answer answer(BrokerClient client, String whole) {
            Resource resource = ResourceVerbs.get(client, whole);
            String summary = whole + ": " + ResourceText.durability(resource) + ", " + ResourceText.settings(resource);
            return Answer.ok(summary, ResourceText.data(resource), summary);
        }
    }

    @Command(name = "get", description = "Print the value of a key")
    static final class Get extends OfKey {
        @Option(names = "--raw", description = "Write the bytes as they are, without a line break")
        boolean raw;

        Get(Host host) {
            super(host);
        }

        @Override
        Answer answer(BrokerClient client, String whole) throws IOException {
            KeyEntry entry = client.call(
                            whole,
                            () -> client.keyValues()
                                    .getKey(GetKeyRequest.newBuilder()
                                            .setStore(whole)
                                            .setKey(key)
                                            .build()))
                    .getEntry();
            if (raw && isText()) {
                terminal().out().write(entry.getValue().toByteArray());
                terminal().out().flush();
            }
            Map<String, @Nullable Object> data = data(entry, true);
            data.put("store", whole);
            return Answer.ok("revision " + entry.getRevision(), data, raw ? "" : ByteText.show(entry.getValue()));
        }
    }

    @Command(name = "put", description = "Give a key a value, whatever time it had left before")
    static final class Put extends OfKey {
        @Parameters(index = "2", arity = "0..1", paramLabel = "VALUE", description = "What it gets")
        @Nullable
        String value;

        @Option(
                names = "--file",
                paramLabel = "FILE",
                description = "A file that has the value, byte for byte; - for stdin")
        @Nullable
        String file;

        @Option(
                names = "--ttl",
                paramLabel = "DURATION",
                converter = Durations.class,
                description = "How long it lives from now (default: as the store says)")
        @Nullable
        Duration ttl;

        @Option(names = "--forever", description = "It stays, whatever the store says")
        boolean forever;

        @Option(names = "--if-revision", paramLabel = "N", description = "Only if the key has this revision")
        @Nullable
        Long revision;

        @Option(names = "--if-absent", description = "Only if there is no such key")
        boolean absent;

        Put(Host host) {
            super(host);
        }

        @Override
        void check() {
            input().check(value);
            if (ttl != null && forever) {
                throw contradiction("both --ttl and --forever say how long it lives");
            }
            if (revision != null && absent) {
                throw contradiction("a key that has a revision is not absent");
            }
        }

        private PayloadInput input() {
            PayloadInput input = new PayloadInput();
            input.file = file;
            return input;
        }

        private static CommandException contradiction(String message) {
            return new CommandException(Failure.invalid("cli.usage", message, "give one of them"));
        }

        @Override
        Answer answer(BrokerClient client, String whole) throws IOException {
            ByteString bytes = input().single(value);
            PutKeyRequest.Builder request =
                    PutKeyRequest.newBuilder().setStore(whole).setKey(key).setValue(bytes);
            if (ttl != null) {
                request.setTtl(WireDurations.wire(ttl));
            } else if (forever) {
                request.setForever(true);
            }
            if (revision != null) {
                request.setCondition(KeyCondition.newBuilder().setRevision(revision));
            } else if (absent) {
                request.setCondition(KeyCondition.newBuilder().setAbsent(true));
            }
            long given = client.call(whole, () -> client.keyValues().putKey(request.build()))
                    .getRevision();
            String summary = "revision " + given;
            return Answer.ok(summary, Format.map("store", whole, "key", key, "revision", given), summary);
        }
    }

    @Command(name = "delete", description = "Remove a key; that it was not there is no error")
    static final class Delete extends OfKey {
        @Option(names = "--if-revision", paramLabel = "N", description = "Only if the key has this revision")
        @Nullable
        Long revision;

        Delete(Host host) {
            super(host);
        }

        @Override
        Answer answer(BrokerClient client, String whole) {
            DeleteKeyRequest.Builder request =
                    DeleteKeyRequest.newBuilder().setStore(whole).setKey(key);
            if (revision != null) {
                request.setCondition(KeyCondition.newBuilder().setRevision(revision));
            }
            DeleteKeyResponse deleted =
                    client.call(whole, () -> client.keyValues().deleteKey(request.build()));
            String summary = deleted.getDeleted() ? "deleted, revision " + deleted.getRevision() : "it was not there";
            return Answer.ok(
                    summary,
                    Format.map(
                            "store",
                            whole,
                            "key",
                            key,
                            "deleted",
                            deleted.getDeleted(),
                            "revision",
                            deleted.getDeleted() ? deleted.getRevision() : null),
                    summary);
        }
    }
}
