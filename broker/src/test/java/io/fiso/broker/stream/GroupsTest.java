// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.stream;

import static io.fiso.broker.stream.Refusals.assertRefused;
import static io.fiso.broker.stream.StreamFixture.ORDERS;
import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.broker.BrokerException.Kind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class GroupsTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    @TempDir
    Path directory;

    private StreamFixture fixture;

    @BeforeEach
    void open() {
        fixture = new StreamFixture(directory).create(4);
        for (int partition = 0; partition < 4; partition++) {
            fixture.append(partition, "a", "b", "c");
        }
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void theFirstMemberHasAllAndEveryoneWhoComesBeginsAGeneration() {
        Membership first = join("a");
        Membership second = join("b");

        assertThat(partitions(first)).containsExactly(0, 1, 2, 3);
        assertThat(first.generation()).isEqualTo(1);
        assertThat(partitions(second)).containsExactly(2, 3);
        assertThat(second.generation()).isEqualTo(2);
        Membership told = groups().heartbeat(fixture.orders(), "g", "a");
        assertThat(told.generation()).isEqualTo(2);
        assertThat(partitions(told)).containsExactly(0, 1);
    }

    @Test
    void aLeaseBeginsWhenTheGenerationIsOnDisk() throws Exception {
        CountDownLatch held = fixture.holdCommitter();
        FutureTask<Membership> joined = new FutureTask<>(() -> join("a"));
        Thread joining = Thread.ofPlatform().start(joined);
        StreamFixture.awaitHandedIn(joining);
        fixture.pass(TIMEOUT.multipliedBy(3));
        held.countDown();

        Membership member = joined.get();
        groups().expire();

        assertThat(groups().heartbeat(fixture.orders(), "g", "a").generation()).isEqualTo(member.generation());
    }

    @Test
    void whoGivesNoIdGetsOneThatNobodyHas() {
        Membership one = groups().join(fixture.orders(), "g", Optional.empty(), TIMEOUT, new Start.Earliest());
        Membership two = groups().join(fixture.orders(), "g", Optional.empty(), TIMEOUT, new Start.Earliest());
        assertThat(one.member()).isNotEqualTo(two.member()).hasSizeGreaterThan(10);
    }

    @Test
    void whatIsCommittedStaysAndTheNextOwnerBeginsThere() {
        Membership a = join("a");
        commit(a, new Position(0, 2), new Position(3, 1));
        fixture.reopen();

        Membership again = join("a");

        assertThat(again.assigned())
                .containsExactly(new Position(0, 2), new Position(1, 0), new Position(2, 0), new Position(3, 1));
        assertThat(again.generation()).isEqualTo(2);
    }

    @Test
    void aNoteStaysBesideItsOffsetUntilTheNextCommitOrAReset() {
        Membership a = join("a");
        commit(a, new Position(0, 2, "two"), new Position(1, 1, "one"));
        commit(a, new Position(1, 2));
        fixture.reopen();

        assertThat(join("a").assigned())
                .contains(new Position(0, 2, "two"), new Position(1, 2, ""))
                .hasSize(4);
        assertThat(group().progress().getFirst().committed().note()).isEqualTo("two");

        groups().leave(fixture.orders(), "g", "a");
        assertThat(groups().reset(fixture.orders(), "g", new TreeMap<>(Map.of(0, new Start.At(1)))))
                .contains(new Position(0, 1, ""));
    }

    @Test
    void aNoteThatIsTooLongIsRefusedWithItsCommit() {
        Membership a = join("a");
        assertRefused(Kind.INVALID, "broker.note_too_large", () -> commit(a, new Position(0, 2, "x".repeat(1_025))));
        assertThat(committed(0)).isZero();
    }

    @Test
    void aGroupBeginsAtAnOffsetOrNotAtAll() {
        Membership a = groups().join(fixture.orders(), "g", Optional.of("a"), TIMEOUT, new Start.At(2));
        assertThat(a.assigned()).contains(new Position(0, 2), new Position(3, 2));

        assertRefused(
                Kind.OUT_OF_RANGE,
                "broker.offset_past_end",
                () -> groups().join(fixture.orders(), "h", Optional.of("a"), TIMEOUT, new Start.At(4)));
        assertThat(fixture.streams().describe(ORDERS).groups()).hasSize(1);
    }

    @Test
    void aStaleGenerationIsRefusedAndNothingIsNoted() {
        Membership a = join("a");
        join("b");

        assertRefused(Kind.REFUSED, "broker.generation_stale", () -> commit(a, new Position(0, 1)))
                .hasMessageContaining("generation 1")
                .hasMessageContaining("at 2");
        assertThat(committed(0)).isZero();
        commit(groups().heartbeat(fixture.orders(), "g", "a"), new Position(0, 1));
        assertThat(committed(0)).isEqualTo(1);
    }

    @Test
    void aCommitThatIsOvertakenByAJoinOnItsWayIsRefused() throws Exception {
        Membership a = join("a");
        CountDownLatch held = fixture.holdCommitter();
        Thread joining = Thread.ofVirtual().start(() -> join("b"));
        StreamFixture.awaitHandedIn(joining);
        FutureTask<String> refusal = new FutureTask<>(() -> {
            assertRefused(Kind.REFUSED, "broker.generation_stale", () -> commit(a, new Position(3, 1)));
            return "";
        });
        Thread committing = Thread.ofVirtual().start(refusal);
        StreamFixture.awaitHandedIn(committing);

        held.countDown();

        refusal.get();
        joining.join();
        assertThat(committed(3)).isZero();
    }

    @Test
    void whatIsForgedIsRefused() {
        Membership a = join("a");
        assertRefused(
                Kind.REFUSED,
                "broker.generation_stale",
                () -> commit(new Membership("a", 99, List.of()), new Position(0, 1)));
        assertRefused(
                Kind.REFUSED,
                "broker.member_unknown",
                () -> commit(new Membership("x", a.generation(), List.of()), new Position(0, 1)));
        assertRefused(
                Kind.NOT_FOUND,
                "broker.group_not_found",
                () -> groups().commit(fixture.orders(), "none", "a", 1, List.of(new Position(0, 1))));
        assertRefused(
                Kind.INVALID,
                "broker.group_invalid",
                () -> groups().join(fixture.orders(), "a/b", Optional.empty(), TIMEOUT, new Start.Earliest()));
        assertRefused(Kind.INVALID, "broker.member_id_invalid", () -> join("a\nb"));
        assertRefused(
                Kind.INVALID,
                "broker.session_timeout_invalid",
                () -> groups().join(fixture.orders(), "g", Optional.empty(), Duration.ZERO, new Start.Earliest()));
    }

    @Test
    void aCommitHasToBeOfOnesOwnPartitionForwardsAndNotPastTheEnd() {
        Membership a = join("a");
        commit(a, new Position(0, 2));
        join("b");
        Membership now = groups().heartbeat(fixture.orders(), "g", "a");

        assertRefused(Kind.REFUSED, "broker.partition_not_assigned", () -> commit(now, new Position(3, 1)));
        assertRefused(
                Kind.REFUSED, "broker.commit_backwards", () -> commit(now, new Position(1, 1), new Position(0, 1)));
        assertRefused(Kind.OUT_OF_RANGE, "broker.offset_past_end", () -> commit(now, new Position(0, 4)));
        assertRefused(Kind.INVALID, "broker.offset_invalid", () -> commit(now, new Position(0, -1)));
        assertRefused(Kind.INVALID, "broker.partition_invalid", () -> commit(now, new Position(4, 0)));
        assertThat(committed(0)).isEqualTo(2);
        assertThat(committed(1)).isZero();
        commit(now, new Position(0, 2));
        commit(now, new Position(0, 3));
    }

    @Test
    void aLeaseThatEndsGivesThePartitionsToTheOthers() {
        Membership a = join("a");
        fixture.pass(Duration.ofSeconds(6));
        join("b");
        fixture.pass(Duration.ofSeconds(5));

        Membership b = groups().heartbeat(fixture.orders(), "g", "b");

        assertThat(partitions(b)).containsExactly(0, 1, 2, 3);
        assertThat(b.generation()).isEqualTo(3);
        assertRefused(Kind.REFUSED, "broker.member_unknown", () -> commit(a, new Position(0, 1)));
        assertRefused(Kind.REFUSED, "broker.member_unknown", () -> groups().heartbeat(fixture.orders(), "g", "a"));
    }

    @Test
    void aMemberWhoseLeaseHasEndedCannotCommitEvenIfNobodyNoticed() {
        Membership a = join("a");
        fixture.pass(TIMEOUT);
        assertRefused(Kind.REFUSED, "broker.member_unknown", () -> commit(a, new Position(0, 1)));
    }

    @Test
    void aSignOfLifeKeepsTheLease() {
        join("a");
        for (int i = 0; i < 5; i++) {
            fixture.pass(Duration.ofSeconds(9));
            groups().expire();
            assertThat(groups().heartbeat(fixture.orders(), "g", "a").generation())
                    .isEqualTo(1);
        }
        fixture.pass(TIMEOUT);
        groups().expire();
        assertThat(group().generation()).isEqualTo(2);
        assertThat(group().members()).isEmpty();
    }

    @Test
    void whoLeavesHasNothingAtOnceAndWhoComesAgainTakesItsOldPlace() {
        Membership a = join("a");
        Membership b = join("b");
        Membership again = join("a");
        assertThat(partitions(again)).containsExactly(0, 1);
        assertRefused(Kind.REFUSED, "broker.generation_stale", () -> commit(b, new Position(2, 1)));

        groups().leave(fixture.orders(), "g", "b");

        assertThat(partitions(groups().heartbeat(fixture.orders(), "g", "a"))).containsExactly(0, 1, 2, 3);
        assertRefused(Kind.REFUSED, "broker.member_unknown", () -> groups().leave(fixture.orders(), "g", "b"));
        assertRefused(Kind.REFUSED, "broker.generation_stale", () -> commit(a, new Position(0, 1)));
    }

    @Test
    void generationsGoOnAfterARestartAndTheOldMembersAreRefused() {
        Membership a = join("a");
        join("b");
        fixture.reopen();

        assertRefused(Kind.REFUSED, "broker.member_unknown", () -> commit(a, new Position(0, 1)));
        assertThat(join("b").generation()).isEqualTo(3);
        assertRefused(Kind.REFUSED, "broker.member_unknown", () -> commit(a, new Position(0, 1)));
    }

    @Test
    void aResetGoesBackButOnlyWhenNobodyIsThere() {
        Membership a = join("a");
        commit(a, new Position(0, 3), new Position(1, 3));
        SortedMap<Integer, Start> starts = new TreeMap<>();
        starts.put(0, new Start.At(1));
        starts.put(2, new Start.Latest());

        assertRefused(Kind.REFUSED, "broker.group_not_empty", () -> groups().reset(fixture.orders(), "g", starts));
        groups().leave(fixture.orders(), "g", "a");

        assertThat(groups().reset(fixture.orders(), "g", starts))
                .containsExactly(new Position(0, 1), new Position(1, 3), new Position(2, 3), new Position(3, 0));
        assertThat(join("b").assigned().getFirst()).isEqualTo(new Position(0, 1));
        assertRefused(Kind.NOT_FOUND, "broker.group_not_found", () -> groups().reset(fixture.orders(), "none", starts));
    }

    @Test
    void aGroupThatIsMadeAtTheEndBeginsThereWhateverComesBeforeItsFirstCommit() {
        groups().join(fixture.orders(), "late", Optional.of("m"), TIMEOUT, new Start.Latest());
        fixture.append(0, "d");
        fixture.reopen();
        assertThat(groups().join(fixture.orders(), "late", Optional.of("m"), TIMEOUT, new Start.Earliest())
                        .assigned()
                        .getFirst())
                .isEqualTo(new Position(0, 3));
    }

    @Test
    void lagIsWhatIsKeptAndNotCommitted() {
        Membership a = join("a");
        commit(a, new Position(0, 2));
        assertThat(group().progress())
                .extracting(GroupDescription.Progress::lag)
                .containsExactly(1L, 3L, 3L, 3L);
        assertThat(group().members()).isEqualTo(new TreeMap<>(java.util.Map.of("a", List.of(0, 1, 2, 3))));
    }

    @Test
    void aGroupThatIsDeletedIsForgotten() {
        Membership a = join("a");
        commit(a, new Position(0, 2));
        assertRefused(Kind.REFUSED, "broker.group_not_empty", () -> groups().delete(fixture.orders(), "g"));
        groups().leave(fixture.orders(), "g", "a");

        groups().delete(fixture.orders(), "g");

        assertThat(fixture.streams().describe(ORDERS).groups()).isEmpty();
        assertRefused(Kind.NOT_FOUND, "broker.group_not_found", () -> groups().delete(fixture.orders(), "g"));
        assertThat(join("a").assigned().getFirst()).isEqualTo(new Position(0, 0));
    }

    private Groups groups() {
        return fixture.streams().groups();
    }

    private Membership join(String member) {
        return groups().join(fixture.orders(), "g", Optional.of(member), TIMEOUT, new Start.Earliest());
    }

    private void commit(Membership as, Position... positions) {
        groups().commit(fixture.orders(), "g", as.member(), as.generation(), List.of(positions));
    }

    private GroupDescription group() {
        return fixture.streams().describe(ORDERS).groups().getFirst();
    }

    private long committed(int partition) {
        return group().progress().get(partition).committedOffset();
    }

    private static List<Integer> partitions(Membership membership) {
        return membership.assigned().stream().map(Position::partition).toList();
    }
}
