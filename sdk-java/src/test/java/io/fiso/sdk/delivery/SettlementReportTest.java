// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A report of many settlements takes several messages, and the connection or the emitter may be gone after any of them. */
class SettlementReportTest {
    private static final int EVENTS = 6_000;
    private static final int KEYS = 3_000;

    @Test
    void leavesNoHoleInAKeyWhereverItIsCutOff() {
        for (long seed = 1; seed <= 20; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            EdgeLedger ledger = new EdgeLedger(new FateCounts());
            List<Deque<Long>> keys = new ArrayList<>();
            for (int key = 0; key < KEYS; key++) {
                keys.add(new ArrayDeque<>());
            }
            for (int i = 0; i < EVENTS; i++) {
                keys.get(random.nextInt(KEYS)).add(ledger.received(1));
            }
            List<List<Long>> events =
                    keys.stream().<List<Long>>map(ArrayList::new).toList();
            Told told = new Told(events, seed);
            settle(ledger, keys, random, EVENTS / 10);
            ledger.report(told, new Settlement());
            settle(ledger, keys, random, EVENTS / 2);
            ledger.report(told, new Settlement());
            assertThat(told.messages).as("seed %d: messages", seed).isGreaterThan(2);
            for (long entry = 1; entry < ledger.next(); entry++) {
                assertThat(told.knows(entry)).isEqualTo(ledger.settled(entry));
                if (told.fates.containsKey(entry) && entry >= ledger.base()) {
                    assertThat(told.fates.get(entry))
                            .as("seed %d: fate of %d", seed, entry)
                            .isEqualTo(ledger.fate(entry));
                }
            }
        }
    }

    /** Each key in its order, the keys in none. */
    private static void settle(EdgeLedger ledger, List<Deque<Long>> keys, SplittableRandom random, int count) {
        for (int settled = 0; settled < count; ) {
            Long entry = keys.get(random.nextInt(KEYS)).poll();
            if (entry != null) {
                ledger.decide(entry, random.nextInt(4) == 0 ? Fate.FILTERED : Fate.DELIVERED, null);
                settled++;
            }
        }
    }

    /** What the emitter knows, after each message: of every key's events the first ones, as settled. */
    private static final class Told implements UpstreamLink {
        private final List<List<Long>> events;
        private final long seed;
        private final TreeMap<Long, Fate> fates = new TreeMap<>();
        private long upTo;
        private int messages;

        Told(List<List<Long>> events, long seed) {
            this.events = events;
            this.seed = seed;
        }

        @Override
        public void settle(Settlement settlement) {
            messages++;
            for (int i = 0; i < settlement.ranges(); i++) {
                for (long entry = settlement.first(i); entry <= settlement.last(i); entry++) {
                    fates.put(entry, settlement.fate(i));
                }
            }
            for (long entry = upTo + 1; entry <= settlement.upTo(); entry++) {
                fates.putIfAbsent(entry, Fate.DELIVERED);
            }
            upTo = Math.max(upTo, settlement.upTo());
            for (List<Long> key : events) {
                for (int i = 1; i < key.size(); i++) {
                    assertThat(knows(key.get(i)) && !knows(key.get(i - 1)))
                            .as(
                                    "seed %d: after message %d, %d is settled and %d before it, of the same key, is not",
                                    seed, messages, key.get(i), key.get(i - 1))
                            .isFalse();
                }
            }
        }

        boolean knows(long entry) {
            return entry <= upTo || fates.containsKey(entry);
        }

        @Override
        public void credit(long events, long bytes) {}

        @Override
        public void close() {}
    }
}
