// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.sdk.delivery.Accepted;
import io.fiso.sdk.delivery.FateCounts;
import io.fiso.sdk.delivery.OnFailure;
import io.fiso.sdk.delivery.Open;
import io.fiso.sdk.delivery.ProtocolException;
import io.fiso.sdk.delivery.Records;
import io.fiso.sdk.delivery.Refusal;
import io.fiso.sdk.delivery.Settlement;
import io.fiso.sdk.delivery.SubscriberCall;
import io.fiso.sdk.delivery.Task;
import io.fiso.sdk.delivery.UpstreamCall;
import io.fiso.sdk.delivery.UpstreamLink;
import io.fiso.sdk.delivery.Wiring;
import io.fiso.sdk.delivery.Work;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.WeakHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A test of the test: cores that break a guarantee on purpose, each of which the simulation must notice. */
@Execution(ExecutionMode.CONCURRENT)
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

    @Test
    void noticesAPartitionThatIsGivenAwayWithItsEventsUnderWay() {
        assertThat(noticed(new RevokesWithoutSettling())).contains("D5");
    }

    @Test
    void noticesARecallThatTakesTheWrongEnd() {
        assertThat(noticed(new RecallsTheFirstHalf())).contains("D2");
    }

    @Test
    void noticesAReplicaThatIsFencedAlive() {
        assertThat(noticed(new FencesTheLiving())).contains("D5");
    }

    @Test
    void noticesKeysThatMoveBeforeTheirEventsAreSettled() {
        assertThat(noticed(new MovesKeysAtOnce())).contains("D5");
    }

    @Test
    void noticesALateAcknowledgementOfAFencedReplica() {
        assertThat(noticed(new HearsTheFenced())).containsAnyOf("D1", "D4");
    }

    @Test
    void noticesAnEndThatIsTakenForAll() {
        assertThat(noticed(new TakesOneEndForAll())).contains("D10");
    }

    @Test
    void noticesTotalsThatAreKeptWithoutTheirPosition() {
        assertThat(noticed(new KeepsTotalsWithoutPosition())).contains("D10");
    }

    @Test
    void noticesDataThatStandsStillWithoutAControlPlane() {
        assertThat(noticed(new StopsWithoutControlPlane(), SEEDS * 4)).contains("D11");
    }

    @Test
    void noticesAControlPlaneThatStartsEverythingAgain() {
        assertThat(noticed(new StartsEverythingAgain())).contains("D11");
    }

    @Test
    void noticesASourceThatReadsOnWhilePaused() {
        assertThat(noticed(new EmitsWhilePaused())).contains("D10");
    }

    @Test
    void noticesAHoldThatEndsInTheDeadLetters() {
        assertThat(noticed(new SpendsTheHold())).contains("D7");
    }

    @Test
    void noticesADeadLetterThatIsGivenInAgainForEverybody() {
        assertThat(noticed(new LeaksWhatIsGivenInAgain())).containsExactly("D7");
    }

    private static Set<String> noticed(Mutation mutant) {
        return noticed(mutant, SEEDS);
    }

    private static Set<String> noticed(Mutation mutant, int seeds) {
        Set<String> broken = new TreeSet<>();
        for (long seed = 1; seed <= seeds; seed++) {
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
        UpstreamCall receiving(UpstreamCall core, UpstreamLink link, Instance subscriber, Open open) {
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

    private static final class RevokesWithoutSettling extends Mutation {
        @Override
        boolean revokesWithoutSettling() {
            return true;
        }
    }

    /** Gives back the older half of what it should give back whole. */
    private static final class RecallsTheFirstHalf extends Mutation {
        @Override
        UpstreamCall receiving(UpstreamCall core, UpstreamLink link, Instance subscriber, Open open) {
            return new Forwarding(core) {
                @Override
                public void recall(long first, long last) {
                    super.recall(first, (first + last) / 2);
                }
            };
        }
    }

    private static final class FencesTheLiving extends Mutation {
        @Override
        boolean fencesTheLiving() {
            return true;
        }
    }

    /** Whenever anything changes, one replica's keys go to the others, and come back with the next change. */
    private static final class MovesKeysAtOnce extends Mutation {
        @Override
        Wiring wiring(Wiring wiring) {
            List<Wiring.Downstream> downstreams = new ArrayList<>();
            for (Wiring.Downstream edge : wiring.downstreams()) {
                int moved = (int) (wiring.version() % edge.replicas());
                List<Integer> out = edge.replicas() == 1 ? edge.out() : List.of(moved);
                downstreams.add(new Wiring.Downstream(
                        edge.edge(), edge.to(), edge.replicas(), edge.types(), edge.minGenerations(), out));
            }
            return new Wiring(wiring.version(), wiring.upstreams(), downstreams, wiring.inputs());
        }
    }

    /** Takes what an older call of an edge says for said by the newest, as if its numbers were the same. */
    private static final class HearsTheFenced extends Mutation {
        private final Map<String, SubscriberCall> newest = new WeakHashMap<>();

        @Override
        SubscriberCall sending(SubscriberCall core, Instance emitter, Open open) {
            String edge = (System.identityHashCode(emitter) + open.edge()).intern();
            newest.put(edge, core);
            return new SubscriberCall() {
                @Override
                public void credit(long events, long bytes) {
                    core.credit(events, bytes);
                }

                @Override
                public void settle(Settlement settlement) {
                    core.settle(settlement);
                    SubscriberCall other = newest.get(edge);
                    if (other != null && other != core) {
                        try {
                            other.settle(settlement);
                        } catch (ProtocolException e) {
                            // Numbers that were not sent on that call: it does not get away with those anyway.
                        }
                    }
                }

                @Override
                public void closed() {
                    core.closed();
                }
            };
        }
    }

    /** When one replica of an input says that it is over, the others are taken to have said so. */
    private static final class TakesOneEndForAll extends Mutation {
        @Override
        UpstreamCall receiving(UpstreamCall core, UpstreamLink link, Instance subscriber, Open open) {
            return new Ending(core, ends.computeIfAbsent(subscriber, _ -> new ArrayList<>()));
        }

        private final Map<Instance, List<Ending>> ends = new WeakHashMap<>();

        private static final class Ending extends Forwarding {
            private final List<Ending> all;
            private long last;

            Ending(UpstreamCall core, List<Ending> all) {
                super(core);
                this.all = all;
                all.add(this);
            }

            @Override
            public void accepted(Accepted accepted) {
                super.accepted(accepted);
                last = accepted.nextSequence() - 1;
            }

            @Override
            public void batch(long firstSequence, Records records, long settledUpTo) {
                super.batch(firstSequence, records, settledUpTo);
                last = firstSequence + records.size() - 1;
            }

            @Override
            public void endOfStream(long lastSequence) {
                super.endOfStream(lastSequence);
                for (Ending other : all) {
                    try {
                        other.superEnd();
                    } catch (ProtocolException e) {
                        // Not open.
                    }
                }
            }

            private void superEnd() {
                super.endOfStream(last);
            }
        }
    }

    private static final class KeepsTotalsWithoutPosition extends Mutation {
        @Override
        FateCounts resumes(FateCounts committed, FateCounts seen) {
            return seen.copy();
        }
    }

    private static final class EmitsWhilePaused extends Mutation {
        @Override
        boolean emitsWhilePaused() {
            return true;
        }
    }

    /** Gives up what may not be given up. */
    private static final class SpendsTheHold extends Mutation {
        @Override
        OnFailure onFailure(OnFailure policy) {
            return policy == OnFailure.HOLD ? OnFailure.DEAD_LETTER : policy;
        }
    }

    /** Forgets for whom a dead letter is. */
    private static final class LeaksWhatIsGivenInAgain extends Mutation {
        @Override
        String target(String failed) {
            return "";
        }
    }

    private static final class StopsWithoutControlPlane extends Mutation {
        @Override
        boolean stopsWithoutControlPlane() {
            return true;
        }
    }

    private static final class StartsEverythingAgain extends Mutation {
        @Override
        boolean startsEverythingAgain() {
            return true;
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
