// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class LedgerTextTest {
    @Test
    void readsFatesAndRun() {
        LedgerText ledger = LedgerText.parse("fiso/1 delivered=120 failed=3 run=20261121-020601-cb9a")
                .orElseThrow();
        assertThat(ledger.run()).isEqualTo("20261121-020601-cb9a");
        assertThat(ledger.fates()).isEqualTo(Map.of("delivered", 120L, "failed", 3L));
        assertThat(ledger.show()).isEqualTo("delivered 120, failed 3");
    }

    @Test
    void readsARunInWhichNothingHasHappened() {
        assertThat(LedgerText.parse("fiso/1 run=r").orElseThrow().show()).isEqualTo("none");
    }

    @Test
    void leavesAloneWhatItDoesNotKnow() {
        assertThat(LedgerText.parse("")).isEmpty();
        assertThat(LedgerText.parse("fiso/2 delivered=120 run=r")).isEmpty();
        assertThat(LedgerText.parse("fiso/1 delivered=many run=r")).isEmpty();
    }
}
