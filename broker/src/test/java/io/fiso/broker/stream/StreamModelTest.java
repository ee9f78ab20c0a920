// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.stream;

import static io.fiso.broker.stream.StreamFixture.ORDERS;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.fiso.broker.BrokerException;
import io.fiso.broker.catalogue.Settings.Retention;
import io.fiso.broker.store.Durability;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random operations on streams and on lists in memory that should be the same. */
@Timeout(300)
class StreamModelTest {
    private static final int STEPS = 3_000;
    private static final int PARTITIONS = 3;

    @TempDir
    Path directory;

    private record Expected(long timestamp, String payload) {}

    private final List<List<Expected>> model = new ArrayList<>();
    private final long[] earliest = new long[PARTITIONS];
    private final long[] committed = new long[PARTITIONS];

    @ParameterizedTest
    @ValueSource(strings = {"forever", "age", "records", "bytes", "consumed"})
    void streamsAreWhatAListWouldBe(String retention) {
        long seed = Long.getLong("fiso.test.seed", new Random().nextLong());
        System.out.println("StreamModelTest " + retention + ": -Dfiso.test.seed=" + seed);
        Random random = new Random(seed);
        for (int partition = 0; partition < PARTITIONS; partition++) {
            model.add(new ArrayList<>());
        }
        try (StreamFixture fixture =
                new StreamFixture(directory).create(PARTITIONS, retention(retention), Durability.OS)) {
            Membership membership = join(fixture);
            for (int step = 0; step < STEPS; step++) {
                String said = retention + " seed " + seed + " step " + step;
                int partition = random.nextInt(PARTITIONS);
                int dice = random.nextInt(100);
                if (dice < 45) {
                    append(fixture, random, partition, said);
                } else if (dice < 75) {
                    read(fixture, random, partition, said);
                } else if (dice < 85) {
                    since(fixture, random, partition, said);
                } else if (dice < 92) {
                    committed[partition] = random.nextLong(committed[partition], end(partition) + 1);
                    fixture.streams()
                            .groups()
                            .commit(
                                    fixture.orders(),
                                    "g",
                                    "m",
                                    membership.generation(),
                                    List.of(new Position(partition, committed[partition])));
                } else if (dice < 98) {
                    fixture.pass(Duration.ofMinutes(random.nextInt(30)));
                    fixture.streams().retain();
                    membership = join(fixture);
                    checkRetention(fixture, said);
                } else if (step % 4 == 0) {
                    fixture.reopen();
                    long before = membership.generation();
                    membership = join(fixture);
                    assertThat(membership.generation()).as(said).isGreaterThan(before);
                    assertThat(membership.assigned())
                            .as(said)
                            .containsExactly(
                                    new Position(0, committed[0]),
                                    new Position(1, committed[1]),
                                    new Position(2, committed[2]));
                }
            }
            for (int partition = 0; partition < PARTITIONS; partition++) {
                checkAll(fixture, partition, retention + " seed " + seed + " at the end");
            }
            if (!retention.equals("forever")) {
                assertThat(earliest[0] + earliest[1] + earliest[2])
                        .as("nothing ever went, seed " + seed)
                        .isPositive();
            }
        }
    }

    private static Retention retention(String which) {
        return new Retention(
                which.equals("age") ? Optional.of(Duration.ofHours(2)) : Optional.empty(),
                which.equals("bytes") ? OptionalLong.of(100_000) : OptionalLong.empty(),
                which.equals("records") ? OptionalLong.of(600) : OptionalLong.empty(),
                which.equals("consumed"));
    }

    private void append(StreamFixture fixture, Random random, int partition, String said) {
        List<NewRecord> records = new ArrayList<>();
        int count = random.nextInt(20) == 0 ? 1 + random.nextInt(2_000) : 1 + random.nextInt(5);
        long end = end(partition);
        for (int i = 0; i < count; i++) {
            long timestamp = random.nextBoolean() ? fixture.now() : random.nextLong(2 * fixture.now());
            int padding = random.nextInt(200) == 0 ? 300_000 : random.nextInt(100);
            String payload = end + i + "/" + "x".repeat(count > 100 ? padding % 100 : padding);
            records.add(new NewRecord(
                    Optional.empty(), List.of(), OptionalLong.of(timestamp), ByteString.copyFromUtf8(payload)));
            model.get(partition).add(new Expected(timestamp, payload));
        }
        List<Appended> appended = fixture.streams().append(ORDERS, OptionalInt.of(partition), records);
        assertThat(appended).as(said).containsExactly(new Appended(partition, end, count));
    }

    private void read(StreamFixture fixture, Random random, int partition, String said) {
        long from = random.nextLong(end(partition) + 1);
        if (from < earliest[partition]) {
            try {
                fixture.read(partition, new Start.At(from));
                assertThat(false).as(said + ": " + from + " is no longer kept").isTrue();
            } catch (BrokerException e) {
                assertThat(e.code()).as(said).isEqualTo("broker.offset_before_earliest");
            }
            return;
        }
        int recordsMax = 1 + random.nextInt(3_000);
        Slice slice = fixture.streams()
                .read(ORDERS, partition, new Start.At(from), recordsMax, 1 + random.nextInt(400_000), false);
        check(slice, partition, from, said);
        assertThat(slice.records().size()).as(said).isLessThanOrEqualTo(recordsMax);
        assertThat(slice.records().isEmpty()).as(said).isEqualTo(from == end(partition));
        assertThat(slice.endOffset()).as(said).isEqualTo(end(partition));
    }

    private void check(Slice slice, int partition, long from, String said) {
        long offset = from;
        for (KeptRecord kept : slice.records()) {
            assertThat(kept.offset()).as(said).isEqualTo(offset);
            Expected expected = model.get(partition).get((int) offset);
            if (!kept.payload().toStringUtf8().equals(expected.payload)
                    || kept.timestampMillis() != expected.timestamp) {
                assertThat(kept.payload().toStringUtf8()).as(said).isEqualTo(expected.payload);
                assertThat(kept.timestampMillis()).as(said).isEqualTo(expected.timestamp);
            }
            offset++;
        }
        assertThat(slice.nextOffset()).as(said).isEqualTo(offset);
    }

    private void since(StreamFixture fixture, Random random, int partition, String said) {
        long timestamp = random.nextLong(3 * fixture.now());
        long expected = earliest[partition];
        while (expected < end(partition) && model.get(partition).get((int) expected).timestamp < timestamp) {
            expected++;
        }
        Slice slice = fixture.streams().read(ORDERS, partition, new Start.Since(timestamp), 1, 1, false);
        assertThat(
                        slice.records().isEmpty()
                                ? slice.nextOffset()
                                : slice.records().getFirst().offset())
                .as(said + " since " + timestamp)
                .isEqualTo(expected);
    }

    private void checkRetention(StreamFixture fixture, String said) {
        Map<Integer, Long> now = new TreeMap<>();
        for (PartitionDescription described : fixture.streams().describe(ORDERS).partitions()) {
            int partition = described.partition();
            assertThat(described.endOffset()).as(said).isEqualTo(end(partition));
            assertThat(described.earliestOffset()).as(said).isBetween(earliest[partition], end(partition));
            Retention retention = fixture.orders().stream().retention();
            long gone = described.earliestOffset();
            if (gone > earliest[partition]) {
                assertThat(retention).as(said).isNotEqualTo(Retention.FOREVER);
                retention
                        .partitionRecordsMax()
                        .ifPresent(
                                most -> assertThat(described.records()).as(said).isGreaterThanOrEqualTo(most));
                retention
                        .partitionBytesMax()
                        .ifPresent(
                                most -> assertThat(described.bytes()).as(said).isGreaterThanOrEqualTo(most));
            }
            if (retention.untilConsumed()) {
                assertThat(gone).as(said).isLessThanOrEqualTo(committed[partition]);
            }
            now.put(partition, gone);
        }
        now.forEach((partition, offset) -> earliest[partition] = offset);
    }

    private void checkAll(StreamFixture fixture, int partition, String said) {
        long next = earliest[partition];
        long bytes = 0;
        while (next < end(partition)) {
            Slice slice = fixture.read(partition, new Start.At(next));
            check(slice, partition, next, said);
            assertThat(slice.nextOffset()).as(said).isGreaterThan(next);
            next = slice.nextOffset();
            bytes += slice.bytes();
        }
        assertThat(fixture.partition(partition).bytes()).as(said).isEqualTo(bytes);
    }

    private long end(int partition) {
        return model.get(partition).size();
    }

    private static Membership join(StreamFixture fixture) {
        return fixture.streams()
                .groups()
                .join(fixture.orders(), "g", Optional.of("m"), Duration.ofHours(1), new Start.Earliest());
    }
}
