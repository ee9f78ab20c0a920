// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.stream;

import static io.fiso.broker.stream.Refusals.assertRefused;
import static io.fiso.broker.stream.StreamFixture.ORDERS;
import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.broker.BrokerException.Kind;
import io.fiso.broker.catalogue.Settings.Retention;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class RetentionTest {
    @TempDir
    Path directory;

    private StreamFixture fixture;

    @BeforeEach
    void open() {
        fixture = new StreamFixture(directory);
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void withoutRetentionNothingGoes() {
        fixture.create(1);
        fixture.append(0, "a");
        fixture.pass(Duration.ofDays(10_000));
        assertThat(fixture.streams().retain()).isZero();
        assertThat(fixture.payloads(0, new Start.Earliest())).containsExactly("a");
    }

    @Test
    void anOldRecordGoesThoughNothingComesAfterItAndOffsetsGoOn() {
        fixture.create(1, age(Duration.ofHours(8)));
        fixture.append(0, "a", "b");
        fixture.pass(Duration.ofHours(2));
        assertThat(fixture.streams().retain()).isZero();
        fixture.append(0, "c");
        fixture.pass(Duration.ofHours(6).plusMillis(1));

        assertThat(fixture.streams().retain()).isEqualTo(1);

        assertThat(fixture.payloads(0, new Start.Earliest())).containsExactly("c");
        fixture.pass(Duration.ofHours(9));
        assertThat(fixture.streams().retain()).isEqualTo(1);
        assertThat(fixture.partition(0)).isEqualTo(new PartitionDescription(0, 3, 3, 0, 1));
        assertThat(fixture.payloads(0, new Start.At(3))).isEmpty();
        fixture.reopen();
        assertThat(fixture.partition(0)).isEqualTo(new PartitionDescription(0, 3, 3, 0, 1));
        assertThat(fixture.append(0, "d")).isEqualTo(3);
        fixture.reopen();
        assertThat(fixture.payloads(0, new Start.Earliest())).containsExactly("d");
    }

    @Test
    void ageCountsFromWhenTheBrokerTookIt() {
        fixture.create(1, age(Duration.ofHours(8)));
        fixture.streams().append(ORDERS, java.util.OptionalInt.of(0), List.of(StreamFixture.at(5, "of long ago")));
        fixture.pass(Duration.ofHours(7));
        fixture.streams().retain();
        fixture.streams().retain();
        assertThat(fixture.payloads(0, new Start.Earliest())).containsExactly("of long ago");
    }

    @Test
    void whatIsGoneIsAnErrorWithTheEarliestOrSkippedAndCounted() {
        fixture.create(1, age(Duration.ofHours(8)));
        fixture.append(0, "a", "b");
        fixture.pass(Duration.ofHours(2));
        fixture.append(0, "c");
        fixture.pass(Duration.ofHours(7));
        fixture.streams().retain();

        assertRefused(Kind.OUT_OF_RANGE, "broker.offset_before_earliest", () -> fixture.read(0, new Start.At(1)))
                .hasMessageContaining("earliest that is, is 2");
        Slice skipped = fixture.streams().read(ORDERS, 0, new Start.At(1), 10, 1_000, true);
        assertThat(StreamFixture.payloads(skipped)).containsExactly("c");
        assertThat(skipped.skipped()).isEqualTo(1);
        assertThat(skipped.nextOffset()).isEqualTo(3);
    }

    @Test
    void keepsAtLeastSoManyRecordsAndAboutAnEighthMore() {
        fixture.create(1, new Retention(Optional.empty(), OptionalLong.empty(), OptionalLong.of(800), false));
        for (int i = 0; i < 3_000; i++) {
            if (i % 10 == 0) {
                fixture.streams().retain();
            }
            fixture.append(0, "r" + i);
        }
        fixture.streams().retain();
        assertThat(fixture.partition(0).records()).isBetween(800L, 901L);
        assertThat(fixture.payloads(0, new Start.Last(1))).containsExactly("r2999");
    }

    @Test
    void keepsAtLeastSoManyBytesAndAboutAnEighthMore() {
        long most = 800 * 1024;
        fixture.create(1, new Retention(Optional.empty(), OptionalLong.of(most), OptionalLong.empty(), false));
        String kib = "x".repeat(1_024);
        for (int i = 0; i < 500; i++) {
            fixture.append(0, kib, kib, kib, kib);
        }
        fixture.streams().retain();
        assertThat(fixture.partition(0).bytes()).isBetween(most, most + most / 8 + 5_000);
        assertThat(fixture.partition(0).endOffset()).isEqualTo(2_000);
    }

    @Test
    void whatIsNotConsumedStaysWhateverElseIsSaid() {
        fixture.create(
                1, new Retention(Optional.of(Duration.ofHours(1)), OptionalLong.empty(), OptionalLong.empty(), true));
        fixture.append(0, "a", "b");
        fixture.pass(Duration.ofHours(2));
        assertThat(fixture.streams().retain()).as("without a group they stay").isZero();
        Membership slow = join("slow");
        Membership fast = join("fast");
        fixture.streams().groups().commit(fixture.orders(), "fast", "m", fast.generation(), at(2));
        fixture.streams().groups().commit(fixture.orders(), "slow", "m", slow.generation(), at(1));
        assertThat(fixture.streams().retain()).isZero();

        fixture.streams().groups().commit(fixture.orders(), "slow", "m", slow.generation(), at(2));

        assertThat(fixture.streams().retain()).isEqualTo(1);
        assertThat(fixture.partition(0).earliestOffset()).isEqualTo(2);
    }

    @Test
    void oldRecordsGoThoughTheStoreIsFull() {
        fixture.create(1, age(Duration.ofHours(8)));
        fixture.append(0, "a");
        fixture.pass(Duration.ofHours(9));
        fixture.fill();

        assertThat(fixture.streams().retain()).isEqualTo(1);

        assertThat(fixture.partition(0).earliestOffset()).isEqualTo(1);
    }

    @Test
    void groupsGoOnThoughTheStoreIsFullSoThatWhatTheyConsumedGoes() {
        fixture.create(
                1, new Retention(Optional.of(Duration.ofHours(1)), OptionalLong.empty(), OptionalLong.empty(), true));
        fixture.append(0, "a", "b");
        fixture.pass(Duration.ofHours(2));
        fixture.fill();

        Groups groups = fixture.streams().groups();
        Membership member = join("g");
        groups.commit(fixture.orders(), "g", "m", member.generation(), at(1));
        groups.leave(fixture.orders(), "g", "m");
        groups.reset(fixture.orders(), "g", new TreeMap<>(Map.of(0, new Start.Latest())));

        assertThat(fixture.streams().retain()).isEqualTo(1);
        assertThat(fixture.partition(0).earliestOffset()).isEqualTo(2);
        groups.delete(fixture.orders(), "g");
    }

    @Test
    void aStreamIsRemovedThoughTheStoreIsFull() {
        fixture.create(1);
        fixture.append(0, "a");
        fixture.fill();

        fixture.delete();

        assertRefused(Kind.NOT_FOUND, "broker.resource_not_found", () -> fixture.partition(0));
    }

    @Test
    void theTablesOfWhatIsGoneAreGone() {
        fixture.create(1, age(Duration.ofHours(8)));
        fixture.append(0, "a");
        PartitionId partition = new PartitionId(fixture.orders().id(), 0);
        fixture.pass(Duration.ofHours(9));

        assertThat(fixture.streams().retain()).isEqualTo(1);

        fixture.store().read(view -> {
            assertThat(view.first(Tables.blocks(partition, 0))).isNull();
            assertThat(Segment.all(view, partition)).hasSize(1);
            return "";
        });
    }

    @Test
    void aReaderThatBeganBeforeSeesAllOfItOrAnError() {
        fixture.create(1, age(Duration.ofHours(8)));
        fixture.append(0, "a");
        fixture.pass(Duration.ofHours(2));
        fixture.append(0, "b");
        fixture.pass(Duration.ofHours(9));
        fixture.store().read(view -> {
            PartitionReader reader =
                    new PartitionReader(view, new PartitionId(fixture.orders().id(), 0), 2);
            assertThat(fixture.streams().retain()).isEqualTo(2);
            assertThat(StreamFixture.payloads(reader.read(0, 10, 1_000, false))).containsExactly("a", "b");
            return "";
        });
        assertRefused(Kind.OUT_OF_RANGE, "broker.offset_before_earliest", () -> fixture.read(0, new Start.At(1)));
    }

    private Membership join(String group) {
        return fixture.streams()
                .groups()
                .join(fixture.orders(), group, Optional.of("m"), Groups.SESSION_TIMEOUT, new Start.Earliest());
    }

    private static List<Position> at(long offset) {
        return List.of(new Position(0, offset));
    }

    private static Retention age(Duration age) {
        return new Retention(Optional.of(age), OptionalLong.empty(), OptionalLong.empty(), false);
    }
}
