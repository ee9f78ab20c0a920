// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.proto.control.v1.ComponentStatus;
import io.fiso.proto.control.v1.Run;
import io.fiso.proto.stream.v1.Progress;
import java.io.ByteArrayOutputStream;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunMetricsTest {
    @Test
    void countWhatASinkRecognisedAsRepeats() throws Exception {
        Run run = Run.newBuilder()
                .setPipeline("shop")
                .addComponents(ComponentStatus.newBuilder()
                        .setComponent("callback")
                        .setReplica(1)
                        .setProgress(Progress.newBuilder().setDeduplicated(41)))
                .build();
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        new RunMetrics(() -> List.of(run), _ -> 0).write(out);

        assertThat(out.toString())
                .contains(
                        "fiso_run_component_deduplicated_total{component=\"callback\",pipeline=\"shop\",replica=\"1\"} 41");
    }
}
