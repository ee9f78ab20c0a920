// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.proto.stream.v1.FateCounts;
import org.junit.jupiter.api.Test;

/** The emitter is asked at even moments, the receiver at odd ones; generations are 1 and 2. */
class EdgeEndsTest {
    private final EdgeEnds ends = new EdgeEnds();

    @Test
    void agreesWhileTheReceiverIsAhead() {
        ends.sent(1, 2, 1, delivered(0), 10, 11);
        ends.sent(1, 2, 1, delivered(100), 20, 21);

        assertThat(ends.received(1, 2, delivered(100), 30)).isEmpty();
        assertThat(ends.received(1, 2, delivered(250), 30)).isEmpty();
    }

    @Test
    void findsASettlementThatTheReceiverNeverMade() {
        ends.sent(1, 2, 1, delivered(0), 10, 11);
        ends.sent(1, 2, 1, delivered(100), 20, 21);

        assertThat(ends.received(1, 2, delivered(99), 30))
                .hasValue(
                        "its emitter counts more as settled than its receiver has settled: delivered 100, but delivered 99");
    }

    @Test
    void findsAFailureThatArrivedAsADelivery() {
        ends.sent(1, 2, 1, delivered(0), 10, 11);
        ends.sent(1, 2, 1, delivered(100), 20, 21);

        assertThat(ends.received(1, 2, delivered(99).toBuilder().setFailed(1).build(), 30))
                .isPresent();
    }

    @Test
    void comparesOnlyWithWhatTheEmitterSaidBeforeTheReceiverWasAsked() {
        ends.sent(1, 2, 1, delivered(0), 10, 11);
        ends.sent(1, 2, 1, delivered(100), 20, 21);
        ends.sent(1, 2, 1, delivered(900), 30, 34);

        assertThat(ends.received(1, 2, delivered(500), 32)).isEmpty();
        assertThat(ends.received(1, 2, delivered(99), 32))
                .as("100 were known before")
                .isPresent();
    }

    @Test
    void leavesOutWhatAnEarlierReceiverSettled() {
        ends.sent(1, 2, 1, delivered(0), 10, 11);
        ends.sent(1, 2, 1, delivered(100), 20, 21);
        ends.sent(1, 3, 25, delivered(130), 30, 31);
        ends.sent(1, 3, 25, delivered(150), 40, 41);

        assertThat(ends.received(1, 3, delivered(20), 50)).isEmpty();
        assertThat(ends.received(1, 3, delivered(19), 50)).isPresent();
    }

    @Test
    void waitsForAnAnswerOfAfterTheReceiverHadCome() {
        ends.sent(1, 3, 25, delivered(130), 24, 31);
        ends.sent(1, 3, 25, delivered(140), 40, 41);

        assertThat(ends.received(1, 3, delivered(0), 50)).isEmpty();
    }

    private static FateCounts delivered(long events) {
        return FateCounts.newBuilder().setDelivered(events).build();
    }
}
