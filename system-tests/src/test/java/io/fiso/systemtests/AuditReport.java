// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/** What {@code fisoctl audit} says became of the events of one run. */
final class AuditReport {
    private final JsonNode audit;

    /**
     * What the audit must say, from one who knows it otherwise. Nothing is filtered or absorbed in these tests.
     *
     * @param accepted all of them
     */
    record Sum(long accepted, long delivered, long deadLettered, long dropped) {
        /** Everything was delivered. */
        static Sum delivered(long events) {
            return new Sum(events, events, 0, 0);
        }

        /** Everything was delivered, or is a dead letter. */
        static Sum deadLettered(long deadLettered, long accepted) {
            return new Sum(accepted, accepted - deadLettered, deadLettered, 0);
        }

        private long inFlight() {
            return accepted - delivered - deadLettered - dropped;
        }
    }

    AuditReport(FisoctlProcess audit) {
        JsonNode audits = audit.envelope().path("result").path("audits");
        assertThat(audits).as("audits of one run: %s", audit).hasSize(1);
        this.audit = audits.get(0);
        assertThat(this.audit.path("holds").asBoolean())
                .as("exit code 0 and holds: %s", audit)
                .isTrue();
    }

    Sum total() {
        return sum(audit.path("total"));
    }

    private Sum sources() {
        return add(lines("sources"));
    }

    /** The edges that lead from one component to another, over all replicas of both. */
    Sum edge(String from, String to) {
        List<JsonNode> edges = lines("edges").stream()
                .filter(line -> line.path("place").asString().matches(from + "(/\\d+)?->" + to + "(#\\d+)?"))
                .toList();
        assertThat(edges).as("edges from %s to %s: %s", from, to, this).isNotEmpty();
        return add(edges);
    }

    /** Whether nothing is on its way, as far as this sum goes. */
    boolean says(Sum expected) {
        return total().equals(expected)
                && total().inFlight() == audit.path("total").path("inFlight").asLong();
    }

    /** The total is this, and so are all partitions of all sources together. */
    void expect(Sum expected) {
        assertThat(total()).as(this::toString).isEqualTo(expected);
        assertThat(audit.path("total").path("inFlight").asLong())
                .as(this::toString)
                .isEqualTo(expected.inFlight());
        assertThat(sources()).as("the sources together: %s", this).isEqualTo(expected);
    }

    private List<JsonNode> lines(String section) {
        return StreamSupport.stream(audit.path(section).spliterator(), false).toList();
    }

    private static Sum add(List<JsonNode> lines) {
        return lines.stream()
                .map(AuditReport::sum)
                .reduce(
                        new Sum(0, 0, 0, 0),
                        (one, two) -> new Sum(
                                one.accepted + two.accepted,
                                one.delivered + two.delivered,
                                one.deadLettered + two.deadLettered,
                                one.dropped + two.dropped));
    }

    private static Sum sum(JsonNode line) {
        return new Sum(
                line.path("accepted").asLong(-1),
                line.path("delivered").asLong(-1),
                line.path("deadLettered").asLong(-1),
                line.path("dropped").asLong(-1));
    }

    @Override
    public String toString() {
        return audit.toPrettyString();
    }
}
