// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.kafka.CommitNote.Backfill;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CommitNoteTest {
    @Test
    void readsWhatItWrote() {
        CommitNote note = new CommitNote(
                6, Optional.of(new Backfill("run-1", "run-2", "2026-01-31T00:00:00Z", 1200)), "1;run-2;d=5=5;;");
        assertThat(CommitNote.parse(note.format())).isEqualTo(note);
    }

    @Test
    void leavesOutWhatIsNotThere() {
        assertThat(new CommitNote(3, Optional.empty(), "").format()).isEqualTo("fiso1;partitions=3");
        assertThat(CommitNote.parse("fiso1;partitions=3")).isEqualTo(new CommitNote(3, Optional.empty(), ""));
    }

    @Test
    void keepsAnEndThatIsNotDecided() {
        CommitNote note =
                new CommitNote(1, Optional.of(new Backfill("r", "r", "2099-01-31T00:00:00Z", Backfill.OPEN)), "l");
        assertThat(CommitNote.parse(note.format())).isEqualTo(note);
        assertThat(note.backfill().orElseThrow().doneAt(Long.MAX_VALUE)).isFalse();
    }

    @Test
    void takesWhatOthersWroteForNoNote() {
        assertThat(CommitNote.parse(null)).isEqualTo(CommitNote.NONE);
        assertThat(CommitNote.parse("")).isEqualTo(CommitNote.NONE);
        assertThat(CommitNote.parse("somebody's own; text=1")).isEqualTo(CommitNote.NONE);
        assertThat(CommitNote.parse("fiso1;partitions=many")).isEqualTo(CommitNote.NONE);
        assertThat(CommitNote.parse("fiso1;broken")).isEqualTo(CommitNote.NONE);
    }
}
