// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.driver.docker;

import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.driver.Status;
import org.junit.jupiter.api.Test;

class EndsTest {
    @Test
    void tellsCodesFromSignals() {
        assertThat(Ends.of(3, false, 0)).isEqualTo(Status.Ended.exit(3));
        assertThat(Ends.of(128, false, 0)).isEqualTo(Status.Ended.exit(128));
        assertThat(Ends.of(143, false, 0)).isEqualTo(Status.Ended.signal(15));
        assertThat(Ends.of(255, false, 0)).isEqualTo(Status.Ended.exit(255));
    }

    @Test
    void namesTheMemoryLimitThatEndedIt() {
        assertThat(Ends.of(137, true, 256L << 20).describe()).isEqualTo("killed: out of memory (limit 256m)");
    }

    @Test
    void blamesNoLimitForAGoodEndOrWhereThereIsNone() {
        assertThat(Ends.of(0, true, 256L << 20)).isEqualTo(Status.Ended.exit(0));
        assertThat(Ends.of(137, true, 0)).isEqualTo(Status.Ended.signal(9));
    }
}
