// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.SequencedSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RosterTest {
    @Test
    void oneMemberHasAll() {
        assertThat(Roster.empty(0).next(1, set("a"), 3).of("a")).containsExactly(0, 1, 2);
    }

    @Test
    void whoComesGetsHalfAndTheOtherHalfStays() {
        Roster one = Roster.empty(0).next(1, set("a"), 5);

        Roster two = one.next(2, set("a", "b"), 5);

        assertThat(two.of("a")).containsExactly(0, 1, 2);
        assertThat(two.of("b")).containsExactly(3, 4);
    }

    @Test
    void moreMembersThanPartitionsLeaveSomeIdle() {
        Roster roster = Roster.empty(0).next(1, set("a", "b", "c"), 2);
        assertThat(roster.of("c")).isEmpty();
        assertThat(roster.next(2, set("b", "c"), 2).of("c")).containsExactly(0);
    }

    @Test
    void everyPartitionHasOneMemberSharesAreEvenAndNoMoreMoveThanMust() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        Roster roster = Roster.empty(0);
        for (int step = 0; step < 2_000; step++) {
            int partitions = 12;
            SequencedSet<String> members = new LinkedHashSet<>();
            IntStream.range(0, 8).filter(_ -> random.nextInt(3) > 0).forEach(i -> members.add("m" + i));
            Roster before = roster;
            roster = before.next(step + 1, members, partitions);
            Roster after = roster;

            String said = "seed " + seed + " step " + step + ": " + before + " -> " + after;
            if (members.isEmpty()) {
                assertThat(after.assigned()).as(said).isEmpty();
                continue;
            }
            assertThat(after.assigned().values().stream().flatMap(List::stream))
                    .as(said)
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.range(0, partitions).boxed().toList());
            int least = partitions / members.size();
            assertThat(after.assigned().values())
                    .as(said)
                    .allSatisfy(own -> assertThat(own.size())
                            .isBetween(least, least + (partitions % members.size() == 0 ? 0 : 1)));
            // Whoever had no more than its share keeps all of it.
            members.forEach(member -> {
                if (before.of(member).size() <= least) {
                    assertThat(after.of(member)).as(said).containsAll(before.of(member));
                } else {
                    assertThat(before.of(member)).as(said).containsAll(after.of(member));
                }
            });
        }
    }

    private static SequencedSet<String> set(String... members) {
        return new LinkedHashSet<>(List.of(members));
    }
}
