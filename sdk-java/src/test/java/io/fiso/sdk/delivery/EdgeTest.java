// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EdgeTest {
    private static final int WINDOW = 4;
    private static final int REPLICAS = 3;

    private final DeliverySettings settings = new DeliverySettings(
            "run",
            "s",
            0,
            "s-1",
            1,
            List.of(),
            List.of("s->k"),
            new DeliverySettings.Limits(WINDOW, 1000, 500, 100, 100, 64),
            RetryPolicy.DEFAULT);
    private final Edge edge = new Edge(settings, "s->k");
    private final EdgeLedger ledger = new EdgeLedger(new FateCounts());
    private final List<Subscriber> subscribers = new ArrayList<>();

    @Test
    void handsTheKeysOfAReplicaThatIsOutToTheOthersInOrder() {
        wire(List.of());
        String key = keyOf(1);
        String other = keyOf(2);
        append(key + "1", key + "2", other + "1");

        wire(List.of(1));

        assertThat(subscribers.get(1).closed).isTrue();
        assertThat(taken(0) + taken(2)).contains(key + "1", key + "2");
        assertThat((taken(0) + taken(2)).indexOf(key + "1")).isLessThan((taken(0) + taken(2)).indexOf(key + "2"));
        assertThat(taken(2)).as("its own keys stay").contains(other + "1");
        assertThat(edge.unsettled()).isEqualTo(3);
        assertThat(edge.events()).as("an event that moves is no new one").isEqualTo(3);
    }

    @Test
    void hearsNothingMoreFromAReplicaThatIsOut() {
        wire(List.of());
        append(keyOf(1) + "1");
        SubscriberCall late = subscribers.get(1).call;

        wire(List.of(1));
        late.settle(upTo(1));
        Subscriber again = subscribe(1, 5);

        assertThat(edge.unsettled()).isEqualTo(1);
        assertThat(again.lines).containsExactly("refused NOT_WIRED");
    }

    @Test
    void bringsAKeyBackWhenItsEventsElsewhereAreSettled() {
        wire(List.of());
        String key = keyOf(1);
        wire(List.of(1));
        append(key + "1");
        int meanwhile = taken(0).isEmpty() ? 2 : 0;

        wire(List.of());
        subscribers.set(1, subscribe(1, 2));
        append(key + "2");
        assertThat(taken(meanwhile)).as("held by its unsettled event").isEqualTo(key + "1 " + key + "2 ");
        subscribers.get(meanwhile).call.settle(upTo(2));
        append(key + "3");

        assertThat(taken(1)).isEqualTo(key + "3 ");
    }

    @Test
    void bringsRestingKeysBackAtOnceThoughOthersAreHeld() {
        wire(List.of());
        wire(List.of(1));
        append(keyOf(1) + "1");

        wire(List.of());
        subscribers.set(1, subscribe(1, 2));
        append(otherKeyOf(1) + "1");

        assertThat(taken(1)).isEqualTo(otherKeyOf(1) + "1 ");
    }

    @Test
    void letsOtherKeysFlowWhileOneReplicaStandsStill() {
        wire(List.of());
        for (int i = 0; i < WINDOW; i++) {
            append(keyOf(1) + i);
        }

        assertThat(edge.hasRoom()).isTrue();
        append(keyOf(2) + "x");
        assertThat(taken(2)).isEqualTo(keyOf(2) + "x ");
        while (edge.hasRoom()) {
            append(keyOf(1) + "y");
        }
        assertThat(edge.unsettled()).isEqualTo(WINDOW * REPLICAS);
    }

    @Test
    void keepsEverythingWhileAllReplicasAreOut() {
        wire(List.of());
        append(keyOf(1) + "1");

        wire(List.of(0, 1, 2));
        assertThat(edge.unsettled()).isEqualTo(1);
        wire(List.of(0, 2));

        assertThat(taken(1)).isEqualTo(keyOf(1) + "1 ");
    }

    @Test
    void takesInReplicasThatAreAddedWhileEventsAreUnderWay() {
        edge.wire(new Wiring.Downstream("s->k", "k", 1, List.of(), List.of(1L)));
        subscribers.add(subscribe(0, 1));
        append(keyOf(1) + "1", keyOf(0) + "1");

        edge.wire(new Wiring.Downstream("s->k", "k", REPLICAS, List.of(), List.of(1L, 1L, 1L)));
        subscribers.add(subscribe(1, 1));
        append(keyOf(1) + "2", otherKeyOf(1) + "1");

        assertThat(taken(0)).isEqualTo(keyOf(1) + "1 " + keyOf(0) + "1 " + keyOf(1) + "2 ");
        assertThat(taken(1)).isEqualTo(otherKeyOf(1) + "1 ");
    }

    private void wire(List<Integer> out) {
        edge.wire(new Wiring.Downstream("s->k", "k", REPLICAS, List.of(), List.of(1L, 1L, 1L), out));
        for (int replica = subscribers.size(); replica < REPLICAS; replica++) {
            subscribers.add(subscribe(replica, 1));
        }
    }

    private Subscriber subscribe(int replica, long generation) {
        Subscriber subscriber = new Subscriber();
        Open open = new Open("run", "s->k", "k", replica, "k-" + replica + "-" + generation, generation, false, null);
        subscriber.call = edge.subscribe(open, subscriber);
        subscriber.call.credit(100, 10_000);
        return subscriber;
    }

    private String taken(int replica) {
        edge.send();
        return subscribers.get(replica).events.toString();
    }

    /** A key of one letter that is at home at this replica. */
    private static String keyOf(int replica) {
        return key(replica, 0);
    }

    private static String otherKeyOf(int replica) {
        return key(replica, 1);
    }

    private static String key(int replica, int skipped) {
        int left = skipped;
        for (char letter = 'a'; letter <= 'z'; letter++) {
            int hash = OrderKeys.hash(new byte[] {(byte) letter}, 0, 1);
            if (OrderKeys.place(hash, new boolean[REPLICAS]) == replica && left-- == 0) {
                return String.valueOf(letter);
            }
        }
        throw new AssertionError("no key of one letter is at home at " + replica);
    }

    private void append(String... texts) {
        Records records = new Records();
        for (String text : texts) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            records.add(bytes, 0, bytes.length, bytes, 0, 1, 0);
            edge.append(records, records.size() - 1, ledger, ledger.received(bytes.length));
            ledger.produced(ledger.next() - 1, 1);
        }
        edge.send();
    }

    private static Settlement upTo(long sequence) {
        Settlement settlement = new Settlement();
        settlement.upTo(sequence);
        return settlement;
    }

    private static final class Subscriber implements SubscriberLink {
        final List<String> lines = new ArrayList<>();
        final StringBuilder events = new StringBuilder();
        SubscriberCall call = DeliveryCore.REFUSED;
        boolean closed;

        @Override
        public void accepted(Accepted accepted) {
            lines.add("accepted");
        }

        @Override
        public void refused(Refusal reason, String message) {
            lines.add("refused " + reason);
        }

        @Override
        public void batch(long firstSequence, Records records, long settledUpTo) {
            for (int i = 0; i < records.size(); i++) {
                events.append(new String(
                                records.buffer(i), records.offset(i), records.length(i), StandardCharsets.UTF_8))
                        .append(' ');
            }
        }

        @Override
        public void recall(long first, long last) {}

        @Override
        public void endOfStream(long lastSequence) {}

        @Override
        public void close() {
            closed = true;
        }
    }
}
