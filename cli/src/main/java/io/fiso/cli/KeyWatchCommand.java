// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import io.fiso.broker.client.ResourceNames;
import io.fiso.cli.output.Answer;
import io.fiso.cli.output.Format;
import io.fiso.proto.broker.v1.KeyChange;
import io.fiso.proto.broker.v1.KeyChangeKind;
import io.fiso.proto.broker.v1.WatchKeysRequest;
import io.fiso.proto.broker.v1.WatchKeysResponse;
import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What changes in a store, as it changes. */
@Command(name = "watch", description = "Show what changes in a store, as it changes, until Ctrl-C")
final class KeyWatchCommand extends BrokerVerb.Named {
    @Parameters(index = "1", arity = "0..1", paramLabel = "PREFIX", description = "Only keys that begin like this")
    @Nullable
    String prefix;

    @Option(
            names = "--from-revision",
            paramLabel = "N",
            description = "Begin with the change that has this revision (default: with what comes from now on)")
    long from;

    @Option(names = "--limit", paramLabel = "N", description = "End after so many changes")
    long limit = Long.MAX_VALUE;

    private long count;

    KeyWatchCommand(Host host) {
        super(host, ResourceNames.KEY_VALUE);
    }

    @Override
    boolean streams() {
        return true;
    }

    @Override
    void check() {
        NumberOptions.within("--limit", limit, 1, Long.MAX_VALUE);
        NumberOptions.within("--from-revision", from, 0, Long.MAX_VALUE);
    }

    @Override
    Answer answer(BrokerClient client, String whole) throws InterruptedException {
        StopSignals signals = StopSignals.install(() -> {});
        AtomicBoolean over = new AtomicBoolean();
        try (Context.CancellableContext call = Context.current().withCancellation()) {
            Thread.ofPlatform().daemon().name("watch-end").start(() -> {
                try {
                    signals.await();
                    over.set(true);
                    call.cancel(null);
                } catch (InterruptedException _) {
                    Thread.currentThread().interrupt();
                }
            });
            Context before = call.attach();
            try {
                show(client, whole);
            } catch (StatusRuntimeException e) {
                if (!over.get() || !BrokerClient.cancelled(e)) {
                    throw client.failure(whole, e);
                }
            } finally {
                call.detach(before);
            }
        }
        return Answer.ok(PipelineFile.count(count, "change"), Format.map("store", whole, "count", count), "");
    }

    private void show(BrokerClient client, String whole) {
        WatchKeysRequest.Builder request =
                WatchKeysRequest.newBuilder().setStore(whole).setFromRevision(from);
        if (prefix != null) {
            request.setPrefix(prefix);
        }
        Iterator<WatchKeysResponse> answers = client.connection().keyValues().watchKeys(request.build());
        while (count < limit && answers.hasNext()) {
            for (KeyChange change : answers.next().getChangesList()) {
                if (count < limit) {
                    count++;
                    terminal().out().println(isText() ? text(change) : Format.compact(data(change)));
                }
            }
            terminal().out().flush();
        }
    }

    private static String word(KeyChange change) {
        return change.getKind().name().replace("KEY_CHANGE_KIND_", "").toLowerCase(Locale.ROOT);
    }

    private static String text(KeyChange change) {
        String about = change.getEntry().getRevision() + "  " + word(change) + "  "
                + ByteText.line(change.getEntry().getKeyBytes());
        if (change.getKind() != KeyChangeKind.KEY_CHANGE_KIND_PUT) {
            return about;
        }
        String expires = Objects.requireNonNullElse(KeyValueCommands.expiry(change.getEntry()), "");
        return about + " = " + ByteText.line(change.getEntry().getValue())
                + (expires.isEmpty() ? "" : "  until " + expires);
    }

    private static Map<String, @Nullable Object> data(KeyChange change) {
        Map<String, @Nullable Object> data = Format.map("event", word(change));
        data.putAll(KeyValueCommands.data(change.getEntry(), change.getKind() == KeyChangeKind.KEY_CHANGE_KIND_PUT));
        return data;
    }
}
