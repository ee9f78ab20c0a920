// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.proto.control.v1.AuditLine;
import io.fiso.proto.control.v1.AuditRunResponse;
import io.fiso.proto.control.v1.ComponentStatus;
import io.fiso.proto.control.v1.Run;
import io.fiso.proto.control.v1.RunState;
import io.fiso.proto.stream.v1.FateCounts;
import io.fiso.proto.stream.v1.Progress;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class AuditTextTest {
    private static final FateCounts FATES =
            FateCounts.newBuilder().setDelivered(7).setFailed(2).build();

    @Test
    void showsEverySumAndThatItHolds() {
        String text = AuditText.text(
                audit(""), new RecordedHost(Path.of("unused")).host().terminal());

        assertThat(text)
                .contains("orders[a]")
                .contains("orders → sink#0")
                .contains("since the restart")
                .contains("holds: accepted 10 = delivered 7 + dead-lettered 2 + in flight 1")
                .doesNotContain("NO");
    }

    @Test
    void namesTheLineThatDoesNotHold() {
        AuditRunResponse audit = audit("1 are missing");

        assertThat(AuditText.violations(audit)).isEqualTo(List.of("orders->sink#0: 1 are missing"));
        assertThat(AuditText.text(
                        audit, new RecordedHost(Path.of("unused")).host().terminal()))
                .contains("does not hold:\n  orders->sink#0: 1 are missing")
                .contains("NO");
        assertThat(AuditText.data(audit)).containsEntry("holds", false);
    }

    @Test
    void tellsWhatOfTheDeliveredWereRepeats() {
        AuditRunResponse.Builder audit = audit("").toBuilder();
        audit.getRunBuilder()
                .addComponents(ComponentStatus.newBuilder()
                        .setComponent("sink")
                        .setRestarts(1)
                        .setProgress(Progress.newBuilder().setDeduplicated(3)));

        assertThat(AuditText.text(
                        audit.build(),
                        new RecordedHost(Path.of("unused")).host().terminal()))
                .contains("Deduplicated, which is delivered before and not again: sink 3 (since its last restart)");
        assertThat(AuditText.data(audit.build())).containsEntry("deduplicated", 3L);
    }

    private static AuditRunResponse audit(String violation) {
        AuditLine line = AuditLine.newBuilder()
                .setPlace("orders[a]")
                .setAccepted(10)
                .setFates(FATES)
                .setInFlight(1)
                .build();
        return AuditRunResponse.newBuilder()
                .setRun(Run.newBuilder()
                        .setId("r1")
                        .setPipeline("shop")
                        .setState(RunState.RUN_STATE_RUNNING)
                        .setAccepted(10)
                        .setTotals(FATES)
                        .setInFlight(1))
                .addSources(line)
                .addEdges(line.toBuilder()
                        .setPlace("orders->sink#0")
                        .setScope("since the restart of \"orders\"")
                        .setViolation(violation))
                .setTotal(line.toBuilder().setPlace("total"))
                .build();
    }
}
