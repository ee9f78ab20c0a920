// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EdgeLedgerTest {
    private final EdgeLedger ledger = new EdgeLedger(new FateCounts());
    private final List<String> told = new ArrayList<>();
    private final UpstreamLink link = new UpstreamLink() {
        @Override
        public void credit(long events, long bytes) {}

        @Override
        public void settle(Settlement settlement) {
            StringBuilder text = new StringBuilder("up to " + settlement.upTo());
            for (int i = 0; i < settlement.ranges(); i++) {
                text.append(", ").append(settlement.first(i)).append('-').append(settlement.last(i));
                text.append(' ').append(settlement.fate(i));
            }
            settlement
                    .failures()
                    .forEach(failed ->
                            text.append(", ").append(failed.sequence()).append(" failed"));
            told.add(text.toString());
        }

        @Override
        public void close() {}
    };

    @Test
    void reportsAPrefixAsOneNumberAndTheRestAsRanges() {
        receive(8);
        settle(Fate.DELIVERED, 2, 1, 4, 5, 8);

        report();

        assertThat(told).containsExactly("up to 2, 4-5 DELIVERED, 8-8 DELIVERED");
        assertThat(ledger.islands()).isEqualTo(2);
    }

    @Test
    void namesTheFateOfWhatThePrefixCovers() {
        receive(3);
        settle(Fate.DELIVERED, 1);
        settle(Fate.FILTERED, 2);
        ledger.decide(3, Fate.FAILED, new Failure("422", "no", 1, "sink", ""));

        report();

        assertThat(told).containsExactly("up to 3, 2-2 FILTERED, 3 failed");
    }

    @Test
    void tellsAFailureAgainUntilTheEmitterKnowsIt() {
        receive(2);
        ledger.decide(1, Fate.FAILED, new Failure("422", "no", 1, "sink", ""));
        report();

        ledger.reportAgain();
        report();
        ledger.emitterKnows(1);
        ledger.reportAgain();
        settle(Fate.DELIVERED, 2);
        report();

        assertThat(told).containsExactly("up to 1, 1 failed", "up to 1, 1 failed", "up to 2");
    }

    @Test
    void splitsAReportThatNamesTooManyRanges() {
        receive(2 * Settlement.RANGES_MAX + 4);
        for (int i = 1; i <= Settlement.RANGES_MAX + 1; i++) {
            settle(Fate.DELIVERED, 2 * i);
        }

        report();

        assertThat(told).hasSize(2).allSatisfy(message -> assertThat(message).startsWith("up to 0"));
        assertThat(ledger.islands()).isEqualTo(Settlement.RANGES_MAX + 1);
    }

    @Test
    void lastsUntilEveryOutputIsSettledAndKeepsTheHeaviestFate() {
        receive(1);
        ledger.produced(1, 3);

        ledger.outputSettled(1, Fate.DELIVERED, null);
        ledger.outputSettled(1, Fate.FAILED, new Failure("404", "gone", 1, "sink", ""));
        assertThat(ledger.settled(1)).isFalse();
        ledger.outputSettled(1, Fate.FILTERED, null);

        assertThat(ledger.settled(1)).isTrue();
        assertThat(ledger.fate(1)).isEqualTo(Fate.FAILED);
    }

    private void receive(int events) {
        for (int i = 0; i < events; i++) {
            ledger.received(10);
        }
    }

    private void settle(Fate fate, long... entries) {
        for (long entry : entries) {
            ledger.decide(entry, fate, null);
        }
    }

    private void report() {
        ledger.report(link, new Settlement());
    }
}
