// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.sdk.delivery.Accepted;
import io.fiso.sdk.delivery.Open;
import io.fiso.sdk.delivery.Records;
import io.fiso.sdk.delivery.Refusal;
import io.fiso.sdk.delivery.Settlement;
import io.fiso.sdk.delivery.Task;
import io.fiso.sdk.delivery.UpstreamCall;
import io.fiso.sdk.delivery.UpstreamLink;
import io.fiso.sdk.delivery.Work;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** A test of the test: cores that break a guarantee on purpose, each of which the simulation must notice. */
class MutantTest {
    private static final int SEEDS = 300;

    @Test
    void noticesACoreThatAcknowledgesEarly() {
        assertThat(noticed(new AcknowledgesEarly())).contains("D1");
    }

    @Test
    void noticesACoreThatDropsOnReconnect() {
        assertThat(noticed(new DropsOnReconnect())).containsAnyOf("D1", "D4");
    }

    @Test
    void noticesACoreThatReordersOnRetry() {
        assertThat(noticed(new ReordersOnRetry())).contains("D2");
    }

    @Test
    void noticesACoreThatCommitsPastAHole() {
        assertThat(noticed(new CommitsPastAHole())).contains("D1");
    }

    @Test
    void noticesACoreThatTalksPastTheFence() {
        assertThat(noticed(new TalksPastTheFence())).contains("D8");
    }

    @Test
    void noticesACoreThatLeavesWithoutWaiting() {
        assertThat(noticed(new LeavesWithoutWaiting())).contains("D9");
    }

    private static Set<String> noticed(Mutation mutant) {
        Set<String> broken = new TreeSet<>();
        for (long seed = 1; seed <= SEEDS; seed++) {
            try {
                Simulation.play(seed, mutant, null);
            } catch (Violation e) {
                broken.add(e.guarantee());
            }
        }
        return broken;
    }

    /** Settles what it has received before anybody has it. */
    private static final class AcknowledgesEarly extends Mutation {
        @Override
        UpstreamCall receiving(UpstreamCall core, UpstreamLink link) {
            return new Forwarding(core) {
                @Override
                public void batch(long firstSequence, Records records, long settledUpTo) {
                    super.batch(firstSequence, records, settledUpTo);
                    Settlement early = new Settlement();
                    early.upTo(firstSequence + records.size() - 1);
                    link.settle(early);
                }
            };
        }
    }

    /** Takes what is sent again for delivered. */
    private static final class DropsOnReconnect extends Mutation {
        @Override
        boolean skips(Task task) {
            return (task.flags() & Records.RESENT) != 0;
        }
    }

    /** Lets a key go on while one of its events waits for a retry; one at a time, so that nothing but the retry reorders. */
    private static final class ReordersOnRetry extends Mutation {
        @Override
        Work work(Work work) {
            return work instanceof Work.Lanes lanes ? new Work.Lanes(1, false, lanes.sink()) : work;
        }
    }

    /** Commits what was emitted as soon as anything was settled. */
    private static final class CommitsPastAHole extends Mutation {
        @Override
        long commits(long settled, long emitted) {
            return emitted;
        }
    }

    /** Calls itself drained at once. */
    private static final class LeavesWithoutWaiting extends Mutation {
        @Override
        boolean leavesWithoutWaiting() {
            return true;
        }
    }

    /** Says it is of the newest generation, whichever it is of. */
    private static final class TalksPastTheFence extends Mutation {
        @Override
        Open opening(Open open) {
            return new Open(
                    open.run(),
                    open.edge(),
                    open.subscriber(),
                    open.replica(),
                    open.instance(),
                    Long.MAX_VALUE,
                    open.observe(),
                    open.resume());
        }
    }

    private static class Forwarding implements UpstreamCall {
        private final UpstreamCall core;

        Forwarding(UpstreamCall core) {
            this.core = core;
        }

        @Override
        public void accepted(Accepted accepted) {
            core.accepted(accepted);
        }

        @Override
        public void refused(Refusal reason, String message) {
            core.refused(reason, message);
        }

        @Override
        public void batch(long firstSequence, Records records, long settledUpTo) {
            core.batch(firstSequence, records, settledUpTo);
        }

        @Override
        public void recall(long first, long last) {
            core.recall(first, last);
        }

        @Override
        public void endOfStream(long lastSequence) {
            core.endOfStream(lastSequence);
        }

        @Override
        public void closed() {
            core.closed();
        }
    }
}
