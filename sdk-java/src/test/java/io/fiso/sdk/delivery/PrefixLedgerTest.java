// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class PrefixLedgerTest {
    @Test
    void readsBackEveryFate() {
        FateCounts fates = new FateCounts();
        for (Fate fate : Fate.values()) {
            fates.set(fate, 10 + fate.ordinal());
        }

        FateCounts read = PrefixLedger.read(PrefixLedger.write("run 7", fates), "run 7");

        assertThat(read).hasToString(fates.toString());
    }

    @Test
    void saysOnlyWhatWasMet() {
        FateCounts fates = new FateCounts();
        fates.set(Fate.DELIVERED, 120);
        fates.set(Fate.FAILED, 3);

        assertThat(PrefixLedger.write("r1", fates)).isEqualTo("fiso/1 delivered=120 failed=3 run=r1");
        assertThat(PrefixLedger.read(PrefixLedger.write("r1", new FateCounts()), "r1")
                        .total())
                .isZero();
    }

    @Test
    void countsNothingOfAnotherRun() {
        assertThat(PrefixLedger.read("fiso/1 delivered=120 run=r1", "r2").total())
                .isZero();
        assertThat(PrefixLedger.read("", "r2").total()).isZero();
    }

    @Test
    void refusesWhatItCannotRead() {
        for (String text : new String[] {
            "fiso/2 delivered=1 run=r",
            "delivered=1",
            "fiso/1 delivered=1",
            "fiso/1 delivered run=r",
            "fiso/1 delivered=x run=r",
            "fiso/1 delivered=-1 run=r",
            "fiso/1 lost=1 run=r",
            "fiso/1  run=r"
        }) {
            assertThatThrownBy(() -> PrefixLedger.read(text, "r"))
                    .as(text)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(text);
        }
    }

    @Test
    void fitsBesideAKafkaOffsetWithTheLargestCounts() {
        FateCounts fates = new FateCounts();
        for (Fate fate : Fate.values()) {
            fates.set(fate, Long.MAX_VALUE);
        }

        assertThat(PrefixLedger.write("20261121-031053-ab12", fates)).hasSizeLessThanOrEqualTo(256);
    }
}
