// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.stream;

import static io.fiso.broker.stream.Refusals.assertRefused;
import static io.fiso.broker.stream.StreamFixture.ORDERS;
import static io.fiso.broker.stream.StreamFixture.at;
import static io.fiso.broker.stream.StreamFixture.record;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.fiso.broker.BrokerException.Kind;
import io.fiso.broker.catalogue.Resource;
import io.fiso.broker.catalogue.ResourceKind;
import io.fiso.broker.catalogue.ResourceName;
import io.fiso.broker.catalogue.Settings;
import io.fiso.broker.store.Durability;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class StreamsTest {
    @TempDir
    Path directory;

    private StreamFixture fixture;

    @BeforeEach
    void open() {
        fixture = new StreamFixture(directory).create(3);
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void offsetsBeginAtNullAndAreDense() {
        assertThat(fixture.append(1, "a", "b")).isZero();
        assertThat(fixture.append(1, "c")).isEqualTo(2);
        assertThat(fixture.append(2, "x")).isZero();

        assertThat(fixture.payloads(1, new Start.Earliest())).containsExactly("a", "b", "c");
        assertThat(fixture.payloads(1, new Start.At(1))).containsExactly("b", "c");
        assertThat(fixture.payloads(0, new Start.Earliest())).isEmpty();
    }

    @Test
    void offsetsGoOnAfterTheStoreWasOpenedAgain() {
        fixture.append(0, "a", "b");
        fixture.reopen();
        assertThat(fixture.append(0, "c")).isEqualTo(2);
        fixture.reopen();
        assertThat(fixture.payloads(0, new Start.Earliest())).containsExactly("a", "b", "c");
    }

    @Test
    void keepsKeysHeadersAndTimestampsAsTheyAre() {
        NewRecord given = new NewRecord(
                Optional.of(ByteString.EMPTY),
                List.of(new Header("h", ByteString.copyFromUtf8("1")), new Header("h", ByteString.copyFromUtf8("0"))),
                OptionalLong.of(7),
                ByteString.copyFromUtf8("p"));
        fixture.streams().append(ORDERS, OptionalInt.of(0), List.of(given, record("q")));

        List<KeptRecord> kept = fixture.read(0, new Start.Earliest()).records();
        assertThat(kept.get(0).key()).contains(ByteString.EMPTY);
        assertThat(kept.get(0).headers()).isEqualTo(given.headers());
        assertThat(kept.get(0).timestampMillis()).isEqualTo(7);
        assertThat(kept.get(1).key()).isEmpty();
        assertThat(kept.get(1).timestampMillis()).isEqualTo(fixture.now());
    }

    @Test
    void oneKeyGoesToOnePartitionAndThoseWithoutTakeTurns() {
        NewRecord keyed = new NewRecord(
                Optional.of(ByteString.copyFromUtf8("abc")), List.of(), OptionalLong.empty(), ByteString.EMPTY);
        int place = 479470107 % 3;
        assertThat(fixture.streams().append(ORDERS, OptionalInt.empty(), List.of(keyed, keyed)))
                .containsExactly(new Appended(place, 0, 2));

        Map<Integer, Integer> counts = new HashMap<>();
        for (int i = 0; i < 6; i++) {
            List<Appended> appended =
                    fixture.streams().append(ORDERS, OptionalInt.empty(), List.of(record("a"), record("b")));
            assertThat(appended).hasSize(1);
            counts.merge(appended.getFirst().partition(), appended.getFirst().records(), Integer::sum);
        }
        assertThat(counts).isEqualTo(Map.of(0, 4, 1, 4, 2, 4));
    }

    @Test
    void whatIsTooLargeIsRefusedBeforeAnythingIsWritten() {
        NewRecord over = NewRecord.of(ByteString.copyFrom(new byte[NewRecord.PAYLOAD_BYTES_MAX + 1]));
        NewRecord largest = NewRecord.of(ByteString.copyFrom(new byte[NewRecord.PAYLOAD_BYTES_MAX]));

        assertRefused(Kind.INVALID, "broker.payload_too_large", () -> append(record("a"), over))
                .hasMessageContaining("records[1]")
                .hasMessageContaining("4194305");
        assertRefused(
                Kind.INVALID, "broker.batch_too_large", () -> append(largest, largest, largest, largest, record("a")));
        assertRefused(
                Kind.INVALID,
                "broker.batch_too_large",
                () -> fixture.streams().append(ORDERS, OptionalInt.of(0), Collections.nCopies(10_001, record(""))));
        assertRefused(
                Kind.INVALID,
                "broker.key_too_large",
                () -> append(new NewRecord(
                        Optional.of(ByteString.copyFrom(new byte[NewRecord.KEY_BYTES_MAX + 1])),
                        List.of(),
                        OptionalLong.empty(),
                        ByteString.EMPTY)));
        assertRefused(
                Kind.INVALID,
                "broker.headers_too_large",
                () -> append(withHeader("h", ByteString.copyFrom(new byte[NewRecord.HEADERS_BYTES_MAX]))));
        assertThat(fixture.partition(0).endOffset()).isZero();

        append(largest, largest, largest);
        assertThat(fixture.streams()
                        .read(ORDERS, 0, new Start.Earliest(), 10, 1, false)
                        .records())
                .singleElement()
                .satisfies(kept -> assertThat(kept.payload()).isEqualTo(largest.payload()));
        assertThat(fixture.read(0, new Start.At(1)).records()).hasSize(2);
    }

    @Test
    void badInputIsRefusedWithACode() {
        fixture.append(0, "a");
        fixture.catalogue()
                .create(ResourceName.parse("default/shop/queues/q"), Durability.OS, Settings.of(ResourceKind.QUEUE));

        assertRefused(Kind.INVALID, "broker.batch_empty", () -> append());
        assertRefused(Kind.INVALID, "broker.partition_invalid", () -> fixture.append(3, "a"))
                .hasMessageContaining("no partition 3; it has 3");
        assertRefused(Kind.INVALID, "broker.partition_invalid", () -> fixture.append(-1, "a"));
        assertRefused(Kind.INVALID, "broker.partition_invalid", () -> fixture.read(3, new Start.Earliest()));
        assertRefused(Kind.INVALID, "broker.timestamp_invalid", () -> append(at(-1, "a")));
        assertRefused(Kind.INVALID, "broker.header_invalid", () -> append(withHeader("", ByteString.EMPTY)));
        assertRefused(Kind.INVALID, "broker.offset_invalid", () -> fixture.read(0, new Start.At(-1)));
        assertRefused(Kind.OUT_OF_RANGE, "broker.offset_past_end", () -> fixture.read(0, new Start.At(2)));
        assertRefused(Kind.INVALID, "broker.last_invalid", () -> fixture.read(0, new Start.Last(0)));
        assertRefused(
                Kind.INVALID,
                "broker.records_max_invalid",
                () -> fixture.streams().read(ORDERS, 0, new Start.Earliest(), -1, 1, false));
        assertRefused(
                Kind.INVALID,
                "broker.bytes_max_invalid",
                () -> fixture.streams().read(ORDERS, 0, new Start.Earliest(), 1, Integer.MAX_VALUE, false));
        assertRefused(
                Kind.NOT_FOUND,
                "broker.resource_not_found",
                () -> fixture.streams().require(ResourceName.parse("default/shop/streams/none")));
        assertRefused(
                Kind.INVALID,
                "broker.kind_wrong",
                () -> fixture.streams().require(ResourceName.parse("default/shop/queues/q")));
        assertThat(fixture.read(0, new Start.At(1)).records()).isEmpty();
        assertThat(fixture.partition(0).endOffset()).isEqualTo(1);
    }

    @Test
    void readsWithinBounds() {
        fixture.append(0, "a", "b", "c", "d");
        Slice two = fixture.streams().read(ORDERS, 0, new Start.At(1), 2, 1_000, false);
        assertThat(StreamFixture.payloads(two)).containsExactly("b", "c");
        assertThat(two.nextOffset()).isEqualTo(3);
        assertThat(two.endOffset()).isEqualTo(4);

        long size = two.records().getFirst().bytes();
        Slice byBytes = fixture.streams().read(ORDERS, 0, new Start.Earliest(), 100, (int) size * 3, false);
        assertThat(byBytes.records()).hasSize(3);
        assertThat(byBytes.bytes()).isEqualTo(size * 3);
        assertThat(fixture.payloads(0, new Start.Last(2))).containsExactly("c", "d");
        assertThat(fixture.payloads(0, new Start.Last(99))).hasSize(4);
        assertThat(fixture.payloads(0, new Start.Latest())).isEmpty();
    }

    @Test
    void findsTheFirstRecordThatIsNotBeforeATime() {
        append(at(10, "a"), at(30, "b"));
        append(at(20, "c"));
        append(at(40, "d"), at(5, "e"));

        assertThat(fixture.read(0, new Start.Since(0)).nextOffset()).isEqualTo(5);
        assertThat(fixture.payloads(0, new Start.Since(11))).startsWith("b");
        assertThat(fixture.payloads(0, new Start.Since(20))).startsWith("b");
        assertThat(fixture.payloads(0, new Start.Since(31))).containsExactly("d", "e");
        assertThat(fixture.payloads(0, new Start.Since(41))).isEmpty();
    }

    @Test
    void findsATimeAmongManySegmentsAndBlocks() {
        fixture.catalogue().delete(ORDERS, fixture.streams()::removeIn);
        fixture.create(
                1, new Settings.Retention(Optional.empty(), OptionalLong.empty(), OptionalLong.of(1_000), false));
        for (int i = 0; i < 500; i++) {
            append(at(1_000 + 10L * i, "r" + i), at(900, "old"));
        }
        assertThat(fixture.partition(0).segments()).isGreaterThan(5);
        for (int i = 0; i < 500; i++) {
            assertThat(fixture.payloads(0, new Start.Since(1_000 + 10L * i)).getFirst())
                    .isEqualTo("r" + i);
            assertThat(fixture.payloads(0, new Start.Since(991 + 10L * i)).getFirst())
                    .isEqualTo("r" + i);
        }
    }

    @Test
    void whatIsAppendedInALargerChangeIsSeenInItAndComesWithIt() {
        fixture.append(0, "a");
        List<Appended> appended = fixture.store().write(Durability.FSYNC, change -> {
            List<Appended> first = fixture.streams().appendIn(change, ORDERS, OptionalInt.of(0), List.of(record("b")));
            PartitionReader reader = new Partitions().reader(change, fixture.orders(), 0);
            assertThat(StreamFixture.payloads(reader.read(0, 10, 1_000, false))).containsExactly("a", "b");
            fixture.streams().appendIn(change, ORDERS, OptionalInt.of(0), List.of(record("c")));
            return first;
        });
        assertThat(appended).containsExactly(new Appended(0, 1, 1));
        assertThat(fixture.payloads(0, new Start.Earliest())).containsExactly("a", "b", "c");

        assertRefused(
                Kind.INVALID,
                "broker.partition_invalid",
                () -> fixture.store().write(Durability.FSYNC, change -> {
                    fixture.streams().appendIn(change, ORDERS, OptionalInt.of(0), List.of(record("lost")));
                    return fixture.streams().appendIn(change, ORDERS, OptionalInt.of(9), List.of(record("lost")));
                }));
        assertThat(fixture.append(0, "d")).isEqualTo(3);
    }

    @Test
    void aStreamThatIsMadeAnewHasNothingOfTheOldOne() {
        fixture.append(0, "a", "b");
        fixture.streams()
                .groups()
                .join(fixture.orders(), "g", Optional.empty(), Groups.SESSION_TIMEOUT, new Start.Earliest());
        long old = fixture.orders().id();

        fixture.delete();

        assertRefused(Kind.NOT_FOUND, "broker.resource_not_found", () -> fixture.append(0, "c"));
        assertRefused(Kind.NOT_FOUND, "broker.resource_not_found", () -> fixture.read(0, new Start.Earliest()));
        fixture.store().read(view -> {
            assertThat(view.first(Tables.segments(old))).isNull();
            assertThat(view.first(Tables.groups(old))).isNull();
            assertThat(view.first(Tables.committed(old))).isNull();
            assertThat(view.first(Tables.blocks(new PartitionId(old, 0), 0))).isNull();
            return "";
        });
        fixture.create(1);
        assertThat(fixture.append(0, "c")).isZero();
        assertThat(fixture.streams().describe(ORDERS).groups()).isEmpty();
    }

    @Test
    void nothingIsRememberedOfAStreamThatIsGoneButThatItIs() throws Exception {
        fixture.append(0, "a");
        CountDownLatch held = fixture.holdCommitter();
        FutureTask<Long> late = new FutureTask<>(() -> fixture.append(1, "late"));
        FutureTask<Boolean> removal = new FutureTask<>(() -> {
            fixture.delete();
            return true;
        });
        Thread removing = Thread.ofPlatform().start(removal);
        StreamFixture.awaitHandedIn(removing);
        Thread appending = Thread.ofPlatform().start(late);
        StreamFixture.awaitHandedIn(appending);
        held.countDown();

        assertThat(removal.get()).isTrue();
        assertThatThrownBy(late::get).hasMessageContaining("the stream has been removed");
        assertThat(fixture.streams().remembered()).isZero();
    }

    @Test
    void whoComesAfterARemovalWithWhatHeKnewIsRefused() {
        fixture.append(0, "a");
        Partitions partitions = new Partitions();
        Resource orders = fixture.orders();
        LiveStream before = partitions.live(orders);

        partitions.remove(orders);

        assertThat(before.removed()).isTrue();
        assertThat(partitions.live(orders).removed()).isTrue();
        assertThat(partitions.count()).isZero();
        fixture.store().read(view -> partitions.end(view, orders, 0));
        assertThat(partitions.count()).isZero();
    }

    @Test
    void anAppendThatMeetsARemovalInItsCommitIsRefused() {
        fixture.append(0, "a");
        var orders = fixture.orders();
        fixture.store().write(Durability.FSYNC, change -> {
            Appends appends = new Appends(new Partitions(), () -> java.time.Instant.EPOCH);
            Appends.Prepared prepared = appends.prepare(orders, OptionalInt.of(0), List.of(record("b")));
            appends.write(change, prepared);
            fixture.streams().removeIn(change, orders);
            assertRefused(Kind.NOT_FOUND, "broker.resource_not_found", () -> appends.write(change, prepared));
            return "";
        });
        fixture.store().read(view -> {
            assertThat(view.first(Tables.blocks(new PartitionId(orders.id(), 0), 0)))
                    .isNull();
            return "";
        });
    }

    @Test
    void describesWhatThereIs() {
        fixture.append(0, "a", "b");
        fixture.append(2, "c");
        StreamDescription described = fixture.streams().describe(ORDERS);
        assertThat(described.partitions())
                .extracting(PartitionDescription::records)
                .containsExactly(2L, 0L, 1L);
        assertThat(described.partitions().getFirst().bytes())
                .isEqualTo(fixture.read(0, new Start.Earliest()).bytes());
    }

    private void append(NewRecord... records) {
        fixture.streams().append(ORDERS, OptionalInt.of(0), List.of(records));
    }

    private static NewRecord withHeader(String name, ByteString value) {
        return new NewRecord(
                Optional.empty(), List.of(new Header(name, value)), OptionalLong.empty(), ByteString.EMPTY);
    }
}
