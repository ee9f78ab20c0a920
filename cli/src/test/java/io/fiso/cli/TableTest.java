// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fiso.cli.output.Table;
import org.junit.jupiter.api.Test;

class TableTest {
    @Test
    void linesUpTextLeftAndNumbersRight() {
        String table = new Table("NAME", "COUNT").row("a", 5).row("long", 1000).render(80);

        assertThat(table).isEqualTo("""
                NAME  COUNT
                a         5
                long   1000""");
    }

    @Test
    void isNeverWiderThanAsked() {
        String table = new Table("A", "B").row("x".repeat(30), "y".repeat(30)).render(40);

        assertThat(table.lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(40));
        assertThat(table).endsWith("…");
    }

    @Test
    void refusesARowThatDoesNotFit() {
        assertThatThrownBy(() -> new Table("A", "B").row("x")).isInstanceOf(IllegalArgumentException.class);
    }
}
