// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.benchmarks.transform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.StringJoiner;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TransformTableTest {
    @TempDir
    Path directory;

    @Test
    void comparesPeersAndSaysWhichAimsAreMet() throws Exception {
        String table = TransformTable.read(write(Case.values().length)).print();
        assertThat(table.lines())
                .anyMatch(line -> line.startsWith("| simple mapping | ")
                        && line.contains(" | 200 ± 1 | 800 ± 1 | 1,000 ± 1 | 400 ± 1 | 4.0 | 5.0 | 2.0 | "))
                .anyMatch(line -> line.startsWith("| geometric mean | | | | | | 4.0 | 5.0 | 2.0 |"))
                .contains("| b/a at least 3 | 4.0 | 9 of 9 |")
                .contains("| b/a at least 5 in the geometric mean | 4.0 | 0 of 1 |")
                .contains("| (a) at least as fast as (d) | d/a 2.0 | 9 of 9 |")
                .contains("| simple mapping: at most 250 ns | 200 ns | 1 of 1 |")
                .contains("| twelve fields: at most 1,000 ns | 200 ns | 1 of 1 |");
    }

    @Test
    void missesWhatFailed() {
        assertThatThrownBy(() -> TransformTable.read(write(2)))
                .hasMessageContaining("no figure for NESTED by FISO")
                .hasMessageContaining("did it fail?");
    }

    private Path write(int cases) throws IOException {
        StringJoiner results = new StringJoiner(",", "[", "]");
        for (int i = 0; i < cases; i++) {
            for (Peer peer : Peer.values()) {
                int nanos = switch (peer) {
                    case FISO -> 200;
                    case CEL_STANDARD -> 800;
                    case CEL_PLANNER -> 1000;
                    case BY_HAND -> 400;
                };
                results.add("""
                        {"benchmark": "io.fiso.benchmarks.transform.TransformBenchmark.transform",
                         "params": {"example": "%s", "peer": "%s"},
                         "primaryMetric": {"score": %d.0, "scoreError": 1.0, "scoreUnit": "ns/op"},
                         "secondaryMetrics": {"gc.alloc.rate.norm": {"score": 300.0}}}""".formatted(Case.values()[i], peer, nanos));
            }
        }
        return Files.writeString(directory.resolve("jmh.json"), results.toString());
    }
}
