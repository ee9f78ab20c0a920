// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OutboxTest {
    private final DeliverySettings settings = new DeliverySettings(
            "run",
            "p",
            0,
            "p-1",
            9,
            List.of(),
            List.of("p->k"),
            new DeliverySettings.Limits(8, 1000, 500, 100, 100, 64),
            RetryPolicy.DEFAULT);
    private final Outbox outbox = new Outbox(settings, "p->k", 0, new KeyPins());
    private final EdgeLedger ledger = new EdgeLedger(new FateCounts());
    private final Said said = new Said();

    @Test
    void sendsWhatCreditCoversInBatchesOfBoundedSize() {
        append(40, 40, 40, 40);
        SubscriberCall call = outbox.subscribe(open("a", 1, null), said);

        call.credit(3, 1000);
        outbox.send();

        assertThat(said.lines).containsExactly("accepted RESET from 1", "batch 1-2", "batch 3-3");
    }

    @Test
    void letsOneOversizeEventGoWhenNothingIsUnsettled() {
        append(400, 10);
        SubscriberCall call = outbox.subscribe(open("a", 1, null), said);

        call.credit(8, 100);
        outbox.send();

        assertThat(said.lines).containsExactly("accepted RESET from 1", "batch 1-1");
    }

    @Test
    void resendsExactlyTheUnsettledThatWasNotReceived() {
        append(10, 10, 10, 10);
        SubscriberCall first = outbox.subscribe(open("a", 1, null), said);
        first.credit(8, 1000);
        outbox.send();
        first.settle(upTo(1));
        first.closed();
        said.lines.clear();

        SubscriberCall second = outbox.subscribe(open("a", 1, new Open.Resume(9, 1, 2, 1)), said);
        second.credit(8, 1000);
        outbox.send();

        assertThat(said.lines).containsExactly("accepted CONTINUE from 3", "batch 3-4 resent");
    }

    @Test
    void numbersTheUnsettledAnewForANewInstance() {
        append(10, 10, 10);
        SubscriberCall first = outbox.subscribe(open("a", 1, null), said);
        first.credit(8, 1000);
        outbox.send();
        Settlement middle = new Settlement();
        middle.addRange(2, 2, Fate.DELIVERED);
        first.settle(middle);
        said.lines.clear();

        SubscriberCall second = outbox.subscribe(open("b", 2, null), said);
        second.credit(8, 1000);
        outbox.send();

        assertThat(said.lines).containsExactly("closed", "accepted RESET from 1", "batch 1-2 resent");
    }

    @Test
    void refusesAnOlderGenerationAndASecondInstanceOfTheSame() {
        outbox.subscribe(open("b", 2, null), said);

        outbox.subscribe(open("a", 1, null), said);
        outbox.subscribe(open("c", 2, null), said);

        assertThat(said.lines)
                .containsExactly("accepted RESET from 1", "refused STALE_GENERATION", "refused DUPLICATE");
    }

    @Test
    void breaksOffWhenSomethingIsSettledThatWasNeverSent() {
        append(10);
        SubscriberCall call = outbox.subscribe(open("a", 1, null), said);

        assertThatThrownBy(() -> call.settle(upTo(1)))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("'p->k'");
    }

    private void append(int... lengths) {
        for (int length : lengths) {
            Records records = new Records(1);
            records.add(new byte[length], 0, length, Records.NO_KEY, 0, 0, 0);
            long entry = ledger.received(length);
            ledger.produced(entry, 1);
            outbox.append(records, 0, ledger, entry);
        }
    }

    private static Settlement upTo(long sequence) {
        Settlement settlement = new Settlement();
        settlement.upTo(sequence);
        return settlement;
    }

    private static Open open(String instance, long generation, Open.@Nullable Resume resume) {
        return new Open("run", "p->k", "k", 0, instance, generation, false, resume);
    }

    private static final class Said implements SubscriberLink {
        final List<String> lines = new ArrayList<>();

        @Override
        public void accepted(Accepted accepted) {
            lines.add("accepted " + (accepted.continues() ? "CONTINUE" : "RESET") + " from " + accepted.nextSequence());
        }

        @Override
        public void refused(Refusal reason, String message) {
            lines.add("refused " + reason);
        }

        @Override
        public void batch(long firstSequence, Records records, long settledUpTo) {
            boolean resent = (records.flags(0) & Records.RESENT) != 0;
            lines.add(
                    "batch " + firstSequence + "-" + (firstSequence + records.size() - 1) + (resent ? " resent" : ""));
        }

        @Override
        public void recall(long first, long last) {
            lines.add("recall " + first + "-" + last);
        }

        @Override
        public void endOfStream(long lastSequence) {
            lines.add("end " + lastSequence);
        }

        @Override
        public void close() {
            lines.add("closed");
        }
    }
}
