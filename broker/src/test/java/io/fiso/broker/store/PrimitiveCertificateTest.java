// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What the {@link CrashCertificateTest} shows of the store, shown of what is built on it: streams, queues and key-value stores keep what they answered for,
 * whatever the disk does. {@code -Dfiso.schedules} says how many schedules for each, {@code -Dfiso.seed} with which seed they begin.
 */
@Timeout(600)
class PrimitiveCertificateTest {
    private static final int SCHEDULES = Integer.getInteger("fiso.schedules", 1_200);
    private static final long SEED = Long.getLong("fiso.seed", 1);

    private final Logger logs = Logger.getLogger("io.fiso.broker");

    @BeforeEach
    void doesNotLogWhatItProvokes() {
        logs.setLevel(Level.OFF);
    }

    @AfterEach
    void logsAgain() {
        logs.setLevel(null);
    }

    @Test
    void aStreamKeepsItsRecordsOffsetsAndGroups() {
        certify(
                "streams",
                StreamWorkload::new,
                "appends acknowledged",
                "appends there though not answered",
                "appends gone that were not answered",
                "joins acknowledged",
                "offsets acknowledged",
                "segments dropped",
                "groups reset",
                "groups deleted",
                "former members refused",
                "wrong offsets refused",
                "changes under members refused",
                "second groups",
                "resources removed",
                "removals there though not answered");
    }

    @Test
    void aQueueLosesNoJobAndBringsNoneBack() {
        certify(
                "queues",
                QueueWorkload::new,
                "jobs enqueued",
                "jobs handed out",
                "jobs acked",
                "jobs given back",
                "leases extended",
                "stale leases refused",
                "wrong tokens used",
                "dead letters",
                "dead letters put back",
                "queues purged",
                "resources removed",
                "calls there though not answered",
                "calls gone that were not answered");
    }

    @Test
    void aQueueThatAnswersBeforeTheDiskHasItIsCaught() {
        assertCaught(QueueWorkload::new);
    }

    @Test
    void aKeyValueStoreKeepsItsKeysAndRevisions() {
        certify(
                "key-value stores",
                KeyValueWorkload::new,
                "changes acknowledged",
                "changes there though not answered",
                "changes gone that were not answered",
                "compare-and-sets acknowledged",
                "conflicts",
                "watches read",
                "expiries watched",
                "resources removed",
                "removals there though not answered");
    }

    @Test
    void aKeyValueStoreThatAnswersBeforeTheDiskHasItIsCaught() {
        assertCaught(KeyValueWorkload::new);
    }

    @Test
    void aStreamThatAnswersBeforeTheDiskHasItIsCaught() {
        assertCaught(StreamWorkload::new);
    }

    @Test
    void aStreamThatForgetsACommittedOffsetIsCaught() {
        assertCaught(() -> new Tampered(new StreamWorkload(Durability.FSYNC, new Happened()), change -> {
            Entry first = change.first("stream/1/committed");
            if (first != null) {
                change.delete("stream/1/committed", first.key());
            }
        }));
    }

    @Test
    void aQueueThatLosesAJobIsCaught() {
        assertCaught(() -> new Tampered(new QueueWorkload(Durability.FSYNC, new Happened()), change -> {
            Entry first = change.first("queue.1.0.index");
            if (first != null) {
                change.delete("queue.1.0.index", first.key());
            }
        }));
    }

    @Test
    void aQueueThatBringsBackAJobIsCaught() {
        assertCaught(() -> {
            Map<String, Entry> before = new TreeMap<>();
            return new Tampered(new QueueWorkload(Durability.FSYNC, new Happened()), change -> {
                before.forEach((table, entry) -> change.put(table, entry.key(), entry.value()));
                for (String table : List.of("queue.1.0.index", "queue.1.0.jobs", "queue.1.0.contents")) {
                    Entry first = change.first(table);
                    if (first != null) {
                        before.put(table, first);
                    }
                }
            });
        });
    }

    @Test
    void aKeyValueStoreThatGivesARevisionAgainIsCaught() {
        assertCaught(() -> new Tampered(new KeyValueWorkload(Durability.FSYNC, new Happened()), change -> {
            byte[] last = change.get("kv.revision", "last".getBytes(UTF_8));
            if (last != null) {
                last[last.length - 1]--;
                change.put("kv.revision", "last".getBytes(UTF_8), last);
            }
        }));
    }

    /** As if the engine had done something to what it keeps. */
    private record Tampered(Workload workload, Consumer<Change> harm) implements Workload {
        @Override
        public void step(SimulatedStore.Opened opened, SimulatedDisk disk, Random chance) {
            workload.step(opened, disk, chance);
        }

        @Override
        public void check(Store store, boolean powerLost) {
            store.write(Durability.FSYNC, change -> {
                harm.accept(change);
                return true;
            });
            workload.check(store, powerLost);
        }
    }

    private static void certify(
            String what, BiFunction<Durability, Happened, Workload> workload, String... mustHappen) {
        Happened happened = new Happened();
        Schedules schedules = Schedules.of(() -> workload.apply(Durability.FSYNC, happened));
        long begin = System.nanoTime();
        IntStream.range(0, SCHEDULES).parallel().forEach(i -> schedules.run(SEED + i));
        System.out.printf(
                "%s: %d schedules from seed %d in %d ms: %s, %s%n",
                what, SCHEDULES, SEED, (System.nanoTime() - begin) / 1_000_000, schedules.seen(), happened);
        if (SCHEDULES >= 1_000) {
            schedules.seen().assertAllHappened();
            happened.assertAll(mustHappen);
            happened.assertAll(
                    "calls cut off by a crash",
                    "calls refused after an error of the disk",
                    "calls refused by a full disk");
        }
    }

    /** Who is promised more than the resource was made for must notice. */
    private static void assertCaught(BiFunction<Durability, Happened, Workload> workload) {
        assertCaught(() -> workload.apply(Durability.OS, new Happened()));
    }

    private static void assertCaught(Supplier<Workload> workload) {
        Schedules mutant = Schedules.of(workload);
        assertThatThrownBy(() -> {
                    for (long seed = 1; seed <= 20_000; seed++) {
                        mutant.run(seed);
                    }
                })
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("-Dfiso.seed=");
    }
}
