// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SmallPartsTest {
    @Test
    void filtersByExactTypeAndByPrefix() {
        TypeFilter filter = new TypeFilter(List.of("order.created", "pay.*"));

        assertThat(filter.accepts(typed("order.created"), 0)).isTrue();
        assertThat(filter.accepts(typed("pay.done"), 0)).isTrue();
        assertThat(filter.accepts(typed("order.created.late"), 0)).isFalse();
        assertThat(new TypeFilter(List.of()).accepts(typed("anything"), 0)).isTrue();
    }

    @Test
    void findsNothingInBytesThatAreNoMessage() {
        byte[] noise = {0x0a, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x0f, 1};

        assertThat(EventFields.text(noise, 0, noise.length, EventFields.ID)).isEmpty();
    }

    @Test
    void hashesKeysApartWhereverTheyDiffer() {
        for (int length = 1; length <= 30; length++) {
            for (int at = 0; at < length; at++) {
                byte[] key = new byte[length];
                Arrays.fill(key, (byte) 'k');
                Set<Integer> low = new HashSet<>();
                Set<Integer> all = new HashSet<>();
                for (int value = 0; value < 256; value++) {
                    key[at] = (byte) value;
                    int hash = OrderKeys.hash(key, 0, length);
                    all.add(hash);
                    low.add(hash & 0xff);
                }
                assertThat(all).as("length %d, byte %d", length, at).hasSize(256);
                assertThat(low.size())
                        .as("of 256 buckets, 162 on average; length %d, byte %d", length, at)
                        .isGreaterThan(130);
            }
        }
    }

    @Test
    void hashesAKeyTheSameWhereverItStands() {
        for (int length = 1; length <= 30; length++) {
            byte[] key = new byte[length];
            new Random(length).nextBytes(key);
            byte[] around = new byte[length + 20];
            Arrays.fill(around, (byte) 9);
            System.arraycopy(key, 0, around, 7, length);
            assertThat(OrderKeys.hash(around, 7, length)).isEqualTo(OrderKeys.hash(key, 0, length));
        }
    }

    @Test
    void movesOnlyTheKeysOfALostReplica() {
        for (int key = 0; key < 1000; key++) {
            int hash = OrderKeys.hash(new byte[] {(byte) (key >> 8), (byte) key}, 0, 2);
            int among3 = OrderKeys.place(hash, new boolean[3]);
            if (among3 < 2) {
                assertThat(OrderKeys.place(hash, new boolean[2])).isEqualTo(among3);
            }
        }
    }

    @Test
    void waitsLongerEachTimeUpToTheCapAndAsLongAsAsked() {
        RetryPolicy policy =
                new RetryPolicy(9, RetryPolicy.Backoff.EXPONENTIAL, Duration.ofMillis(200), Duration.ofSeconds(1), 0);
        SplittableRandom random = new SplittableRandom(1);

        assertThat(policy.delayNanos(1, 0, random)).isEqualTo(200_000_000);
        assertThat(policy.delayNanos(3, 0, random)).isEqualTo(800_000_000);
        assertThat(policy.delayNanos(8, 0, random)).isEqualTo(1_000_000_000);
        assertThat(policy.delayNanos(1, 5_000_000_000L, random)).isEqualTo(5_000_000_000L);
    }

    @Test
    void opensTheCircuitAfterFiveDifferentEventsAndProbesOnceAnInterval() {
        Circuit circuit = new Circuit(Duration.ofNanos(1000));
        for (int i = 0; i < 10; i++) {
            circuit.failedTransiently(1 + i % 2, "503: down", 0, 0);
        }
        assertThat(circuit.isOpen()).as("two events").isFalse();

        for (int event = 3; event <= 5; event++) {
            circuit.failedTransiently(event, "503: down", 0, 0);
        }

        assertThat(circuit.holding()).contains("the circuit is open", "503: down");
        assertThat(circuit.allows(999, false)).isFalse();
        assertThat(circuit.allows(1000, true)).isFalse();
        assertThat(circuit.allows(1000, false)).isTrue();
        circuit.answered();
        assertThat(circuit.allows(0, true)).isTrue();
    }

    @Test
    void probesNoSoonerThanTheOutsideAsked() {
        Circuit circuit = new Circuit(Duration.ofNanos(1000));
        for (int event = 1; event <= 5; event++) {
            circuit.failedTransiently(event, "503: down", 5_000, 0);
        }
        assertThat(circuit.probeAtNanos()).isEqualTo(5_000);
    }

    @Test
    void anAnswerInBetweenKeepsTheCircuitClosed() {
        Circuit circuit = new Circuit(Duration.ofNanos(1000));
        for (int event = 1; event <= 100; event++) {
            circuit.failedTransiently(event, "503: down", 0, 0);
            if (event % 4 == 0) {
                circuit.answered();
            }
        }
        assertThat(circuit.isOpen()).isFalse();
    }

    private static Records typed(String type) {
        byte[] text = type.getBytes(StandardCharsets.UTF_8);
        byte[] event = new byte[text.length + 5];
        event[0] = 0x0a;
        event[1] = 1;
        event[2] = 'x';
        event[3] = 0x22;
        event[4] = (byte) text.length;
        System.arraycopy(text, 0, event, 5, text.length);
        Records records = new Records(1);
        records.add(event, 0, event.length, Records.NO_KEY, 0, 0, 0);
        return records;
    }
}
