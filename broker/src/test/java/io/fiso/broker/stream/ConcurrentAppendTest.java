// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.stream;

import static io.fiso.broker.stream.StreamFixture.ORDERS;
import static io.fiso.broker.stream.StreamFixture.record;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class ConcurrentAppendTest {
    private static final int PRODUCERS = 200;
    private static final int APPENDS = 20;

    @TempDir
    Path directory;

    @Test
    void offsetsAreDenseAndEachProducersOrderIsKeptAndManyShareABlock() throws Exception {
        try (StreamFixture fixture = new StreamFixture(directory).create(1);
                ExecutorService producers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<List<Long>>> offsets = new ArrayList<>();
            for (int i = 0; i < PRODUCERS; i++) {
                String name = "p" + i;
                offsets.add(producers.submit(() -> {
                    List<Long> own = new ArrayList<>();
                    for (int n = 0; n < APPENDS; n++) {
                        own.add(fixture.append(0, name + ":" + n));
                    }
                    return own;
                }));
            }
            List<String> all = new ArrayList<>();
            for (int i = 0; i < PRODUCERS; i++) {
                assertThat(offsets.get(i).get()).isSorted().doesNotHaveDuplicates();
            }
            fixture.read(0, new Start.Earliest())
                    .records()
                    .forEach(kept -> all.add(kept.payload().toStringUtf8()));

            assertThat(all).hasSize(PRODUCERS * APPENDS);
            for (int i = 0; i < PRODUCERS; i++) {
                List<Long> own = offsets.get(i).get();
                for (int n = 0; n < APPENDS; n++) {
                    assertThat(all.get(own.get(n).intValue())).isEqualTo("p" + i + ":" + n);
                }
            }
        }
    }

    @Test
    void whatIsCommittedTogetherIsOneBlock() throws Exception {
        try (StreamFixture fixture = new StreamFixture(directory).create(2)) {
            CountDownLatch held = fixture.holdCommitter();
            List<Thread> appending = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                int partition = i % 2;
                appending.add(Thread.ofVirtual()
                        .start(() -> fixture.streams()
                                .append(ORDERS, OptionalInt.of(partition), List.of(record("a"), record("b")))));
            }
            for (Thread thread : appending) {
                StreamFixture.awaitHandedIn(thread);
            }
            held.countDown();
            for (Thread thread : appending) {
                thread.join();
            }
            Map<Integer, Integer> blocks = new HashMap<>();
            fixture.store().read(view -> {
                for (int partition = 0; partition < 2; partition++) {
                    int of = partition;
                    view.scan(Tables.blocks(new PartitionId(fixture.orders().id(), partition), 0), null, _ -> {
                        blocks.merge(of, 1, Integer::sum);
                        return true;
                    });
                }
                return "";
            });
            assertThat(blocks).isEqualTo(Map.of(0, 1, 1, 1));
            assertThat(fixture.partition(0).records()).isEqualTo(100);
        }
    }
}
