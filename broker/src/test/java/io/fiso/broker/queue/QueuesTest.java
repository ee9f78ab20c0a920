// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.queue;

import static io.fiso.broker.queue.QueueFixture.LEASE;
import static io.fiso.broker.queue.QueueFixture.LETTERS;
import static io.fiso.broker.queue.QueueFixture.MAILS;
import static io.fiso.broker.queue.QueueFixture.assertRefused;
import static io.fiso.broker.queue.QueueFixture.job;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fiso.broker.catalogue.Resource;
import io.fiso.broker.catalogue.ResourceName;
import io.fiso.broker.catalogue.Settings;
import io.fiso.broker.store.Durability;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class QueuesTest {
    @TempDir
    Path directory;

    private QueueFixture it;

    @BeforeEach
    void open() {
        it = new QueueFixture(directory);
        it.create(MAILS, 3);
    }

    @AfterEach
    void close() {
        it.close();
    }

    @Test
    void aPageOfJobsHasNoMoreThanClientsTake() {
        String reason = "\ud83d\ude00".repeat(Queues.REASON_CHARACTERS_MAX);
        it.queues.enqueue(MAILS, Collections.nCopies(1_000, QueueFixture.job("x", 0, NewJob.When.NOW)));
        it.reserve(MAILS, 1_000).forEach(delivery -> it.queues.nack(MAILS, delivery.lease(), Duration.ZERO, reason));

        JobPage first = it.queues.browser().list(MAILS, Optional.empty(), 1_000, Optional.empty());
        JobPage second = it.queues.browser().list(MAILS, Optional.empty(), 1_000, first.next());

        assertThat(first.jobs().size() * 4_000L).isBetween(2_500_000L, (long) Reserving.ANSWER_BYTES_MAX);
        assertThat(first.jobs().size() + second.jobs().size()).isEqualTo(1_000);
        assertThat(second.next()).isEmpty();
    }

    @Test
    void handsOutByPriorityThenByTimeOfVisibilityThenByNumber() {
        it.add("late", 5, new NewJob.When.In(Duration.ofSeconds(2)));
        it.add("early", 5, new NewJob.When.In(Duration.ofSeconds(1)));
        it.add("low", 0, NewJob.When.NOW);
        it.add("high", 9, new NewJob.When.In(Duration.ofSeconds(3)));
        it.add("low too", 0, NewJob.When.NOW);
        assertThat(it.payloads(MAILS, 1)).containsExactly("low");

        it.time.advance(Duration.ofSeconds(3));

        assertThat(it.payloads(MAILS, 10)).containsExactly("high", "early", "late", "low too");
        assertThat(it.payloads(MAILS, 10)).isEmpty();
    }

    @Test
    void aJobCarriesWhatItWasGiven() {
        Content content = new Content(
                new byte[] {0, -1, 7},
                List.of(new Header("a", new byte[] {1}), new Header("a", new byte[0])),
                Optional.of(new byte[] {9}));
        long id = it.queues
                .enqueue(MAILS, List.of(new NewJob(content, 4, NewJob.When.NOW)))
                .getFirst();
        it.reopen();

        Delivery delivery = it.reserve();

        assertThat(delivery.content()).usingRecursiveComparison().isEqualTo(content);
        assertThat(delivery.job())
                .isEqualTo(new Job(
                        id,
                        4,
                        JobState.LEASED,
                        1,
                        it.time.instant(),
                        it.time.instant().plus(LEASE),
                        "",
                        3,
                        Optional.empty()));
    }

    @Test
    void aMomentThatIsPastIsNowAndOvertakesNobody() {
        it.add("first");
        it.time.advanceMillis(5);
        it.add("second", 0, new NewJob.When.At(Instant.EPOCH));
        it.add("third", 0, new NewJob.When.At(it.time.instant().plusMillis(2)));

        assertThat(it.payloads(MAILS, 9)).containsExactly("first", "second");
        it.time.advanceMillis(1);
        assertThat(it.payloads(MAILS, 9)).isEmpty();
        it.time.advanceMillis(1);
        assertThat(it.payloads(MAILS, 9)).containsExactly("third");
    }

    @Test
    void anAckedJobNeverComesBackAndItsAckCanBeRepeated() {
        it.add("a");
        Delivery delivery = it.reserve();

        assertThat(it.queues.ack(MAILS, delivery.lease())).isFalse();
        assertThat(it.queues.ack(MAILS, delivery.lease())).isTrue();

        it.time.advance(Duration.ofDays(1));
        assertThat(it.reserve(MAILS, 1)).isEmpty();
        it.reopen();
        assertThat(it.reserve(MAILS, 1)).isEmpty();
        assertRefused("broker.lease_stale", () -> it.queues.ack(MAILS, delivery.lease()));
    }

    @Test
    void aLeaseThatRanOutIsRefusedAndItsJobComesAgain() {
        it.add("a");
        Delivery first = it.reserve();
        it.time.advance(LEASE.minusMillis(1));
        assertThat(it.reserve(MAILS, 1)).isEmpty();

        it.time.advanceMillis(1);

        assertRefused("broker.lease_stale", () -> it.queues.ack(MAILS, first.lease()));
        Delivery second = it.reserve();
        assertThat(second.job().attempts()).isEqualTo(2);
        assertRefused("broker.lease_stale", () -> it.queues.ack(MAILS, first.lease()));
        assertRefused("broker.lease_stale", () -> it.queues.nack(MAILS, first.lease(), Duration.ZERO, ""));
        assertRefused("broker.lease_stale", () -> it.queues.extend(MAILS, first.lease(), Optional.empty()));
        it.queues.ack(MAILS, second.lease());
    }

    @Test
    void aForgedTokenIsRefused() {
        it.add("a");
        LeaseToken real = it.reserve().lease();
        byte[] guessed = real.secret().clone();
        guessed[3] ^= 1;

        assertRefused(
                "broker.lease_stale",
                () -> it.queues.ack(MAILS, new LeaseToken(real.queue(), real.job(), real.attempt(), guessed)));
        assertRefused(
                "broker.lease_stale",
                () -> it.queues.ack(MAILS, new LeaseToken(real.queue(), real.job(), 2, real.secret())));
        assertRefused(
                "broker.lease_stale",
                () -> it.queues.ack(MAILS, new LeaseToken(real.queue() + 1, real.job(), 1, real.secret())));
        assertRefused("broker.lease_invalid", () -> LeaseToken.parse("nonsense"));
        assertRefused("broker.lease_invalid", () -> LeaseToken.parse("ä=/"));
        assertThat(LeaseToken.parse(real.text())).usingRecursiveComparison().isEqualTo(real);
        assertThat(real.toString()).doesNotContain(real.text());
    }

    @Test
    void anExtendedLeaseEndsLaterAndKeepsItsToken() {
        it.add("a");
        Delivery delivery = it.reserve();
        it.time.advanceMillis(29_999);

        assertThat(it.queues.extend(MAILS, delivery.lease(), Optional.of(Duration.ofMinutes(1))))
                .isEqualTo(it.time.instant().plusSeconds(60));

        it.time.advanceMillis(59_999);
        assertThat(it.reserve(MAILS, 1)).isEmpty();
        it.queues.ack(MAILS, delivery.lease());
    }

    @Test
    void aJobThatWasGivenBackComesAfterItsDelayWithItsReason() {
        it.add("a");
        Delivery first = it.reserve();
        assertThat(it.queues.nack(MAILS, first.lease(), Duration.ofSeconds(5), "503"))
                .isEmpty();
        assertRefused("broker.lease_stale", () -> it.queues.ack(MAILS, first.lease()));
        it.time.advanceMillis(4_999);
        assertThat(it.reserve(MAILS, 1)).isEmpty();
        it.time.advanceMillis(1);

        Delivery second = it.reserve();

        assertThat(second.job().attempts()).isEqualTo(2);
        assertThat(second.job().reason()).isEqualTo("503");
    }

    @Test
    void afterItsLastAttemptAJobIsADeadLetterThatKnowsWhereItCameFrom() {
        long id = it.add("a", 7, NewJob.When.NOW);
        Instant added = it.time.instant();
        it.nack(it.reserve());
        it.nack(it.reserve());
        Delivery last = it.reserve();
        it.time.advanceMillis(10);

        assertThat(it.queues.nack(MAILS, last.lease(), Duration.ofHours(1), "no such customer"))
                .contains(LETTERS);

        it.reopen();
        assertThat(it.queues.browser().count(MAILS))
                .isEqualTo(new JobCounts(0, 0, 0, Optional.empty(), Optional.empty()));
        Delivery letter = it.reserve(LETTERS, 1).getFirst();
        assertThat(QueueFixture.text(letter)).isEqualTo("a");
        assertThat(letter.job().priority()).isEqualTo(7);
        assertThat(letter.job().attempts()).isEqualTo(1);
        assertThat(letter.job().origin())
                .contains(new Origin(MAILS.toString(), id, 3, added, it.time.instant(), "no such customer"));
    }

    @Test
    void aLastLeaseThatRunsOutMakesADeadLetterThoughNobodyAsks() {
        it.add("a");
        it.nack(it.reserve());
        it.nack(it.reserve());
        Delivery last = it.reserve();
        assertThat(it.queues.browser().count(MAILS).leased()).isEqualTo(1);
        it.queues.extend(MAILS, last.lease(), Optional.of(Duration.ofSeconds(40)));
        it.time.advanceMillis(39_999);
        assertThat(it.queues.browser().count(MAILS).leased()).isEqualTo(1);

        it.time.advanceMillis(1);

        assertThat(it.queues.browser().count(MAILS).leased()).isZero();
        assertThat(it.queues
                        .browser()
                        .peek(LETTERS, 1)
                        .getFirst()
                        .job()
                        .origin()
                        .orElseThrow()
                        .reason())
                .isEqualTo("the last lease ran out");
    }

    @Test
    void lastLeasesThatRanOutWhileTheBrokerWasDownMakeDeadLetters() {
        for (int i = 0; i < 150; i++) {
            it.add("a" + i);
        }
        for (int i = 0; i < 3; i++) {
            assertThat(it.reserve(MAILS, 150)).hasSize(150);
            if (i < 2) {
                it.time.advance(LEASE);
            }
        }
        it.queues.close();
        it.time.forgetAlarms();
        it.time.advance(LEASE);
        it.reopen();

        it.time.advanceMillis(0);

        assertThat(it.queues.browser().count(LETTERS).ready()).isEqualTo(150);
        assertThat(it.queues.browser().count(MAILS).leased()).isZero();
    }

    @Test
    void aReserveThatComesBeforeTheAlarmHandsOutNoDeadLetter() {
        it.add("a");
        it.nack(it.reserve());
        it.nack(it.reserve());
        it.reserve();
        it.time.forgetAlarms();
        it.time.advance(LEASE);

        assertThat(it.reserve(MAILS, 1)).isEmpty();
        assertThat(it.payloads(LETTERS, 1)).containsExactly("a");
    }

    @Test
    void aDeadLetterNeverMovesOn() {
        it.add("a");
        for (int i = 0; i < 3; i++) {
            it.nack(it.reserve());
        }
        it.queues.enqueue(LETTERS, List.of(job("put here", 0, NewJob.When.NOW)));

        for (int attempt = 1; attempt <= 12; attempt++) {
            List<Delivery> letters = it.reserve(LETTERS, 2);
            assertThat(letters).hasSize(2);
            assertThat(letters.getFirst().job().attempts()).isEqualTo(attempt);
            it.queues.nack(LETTERS, letters.get(0).lease(), Duration.ZERO, "again");
            it.time.advance(LEASE);
        }
        List<Resource> resources = it.store.read(view -> it.catalogue.list(view, ""));
        assertThat(resources).hasSize(2);
    }

    @Test
    void theDeadLetterQueueOfTheSettingsIsUsedAndAQueueMayBeItsOwn() {
        ResourceName own = ResourceName.parse("default/shop/queues/own");
        ResourceName other = ResourceName.parse("default/shop/queues/other");
        it.catalogue.create(own, Durability.OS, new Settings.Queue(LEASE, 1, Optional.of("own")));
        it.catalogue.create(other, Durability.OS, new Settings.Queue(LEASE, 1, Optional.of("failed")));
        it.queues.enqueue(own, List.of(job("a", 0, NewJob.When.NOW)));
        it.queues.enqueue(other, List.of(job("b", 0, NewJob.When.NOW)));

        it.queues.nack(own, it.reserve(own, 1).getFirst().lease(), Duration.ZERO, "");
        it.queues.nack(other, it.reserve(other, 1).getFirst().lease(), Duration.ZERO, "");

        assertThat(it.payloads(own, 1)).containsExactly("a");
        assertThat(it.payloads(ResourceName.parse("default/shop/queues/failed"), 1))
                .containsExactly("b");
    }

    @Test
    void aNameThatLeavesNoRoomIsCutForItsDeadLetterQueue() {
        ResourceName longest = ResourceName.parse("default/shop/queues/" + "x".repeat(100));
        it.create(longest, 1);
        it.queues.enqueue(longest, List.of(job("a", 0, NewJob.When.NOW)));

        assertThat(it.queues.nack(longest, it.reserve(longest, 1).getFirst().lease(), Duration.ZERO, ""))
                .contains(ResourceName.parse("default/shop/queues/" + "x".repeat(96) + ".dlq"));
    }

    @Test
    void deadLettersGoBackWithNoAttemptsMade() {
        for (String payload : List.of("a", "b", "c")) {
            it.add(payload);
            for (int i = 0; i < 3; i++) {
                it.nack(it.reserve());
            }
        }
        it.queues.enqueue(LETTERS, List.of(job("put here", 0, NewJob.When.NOW)));
        List<Long> letters = it.queues.browser().list(LETTERS, Optional.empty(), 10, Optional.empty()).jobs().stream()
                .map(Job::id)
                .toList();
        assertThat(letters).containsExactly(1L, 2L, 3L, 4L);

        assertThat(it.queues.replay(LETTERS, List.of(2L))).isEqualTo(new Replayed(1, 0, ""));
        Delivery back = it.reserve();
        assertThat(QueueFixture.text(back)).isEqualTo("b");
        assertThat(back.job().attempts()).isEqualTo(1);
        assertThat(back.job().origin()).isEmpty();
        assertRefused("broker.job_not_found", () -> it.queues.replay(LETTERS, List.of(2L)));
        assertRefused("broker.job_not_dead", () -> it.queues.replay(LETTERS, List.of(4L)));
        it.reserve(LETTERS, 1);
        assertRefused("broker.job_leased", () -> it.queues.replay(LETTERS, List.of(1L)));

        Replayed rest = it.queues.replayAll(LETTERS);
        assertThat(rest.replayed()).isEqualTo(1);
        assertThat(rest.left()).isEqualTo(2);
        assertThat(rest.reason()).contains("handed out");

        it.catalogue.delete(MAILS, it.queues::removeIn);
        it.time.advance(LEASE);
        assertRefused("broker.resource_not_found", () -> it.queues.replay(LETTERS, List.of(1L)));
    }

    @Test
    void manyDeadLettersGoBack() {
        for (int i = 0; i < 100; i++) {
            it.add("a" + i);
        }
        for (int i = 0; i < 3; i++) {
            it.reserve(MAILS, 100);
            it.time.advance(LEASE);
        }
        assertThat(it.queues.replayAll(LETTERS)).isEqualTo(new Replayed(100, 0, ""));
        assertThat(it.reserve(MAILS, 200)).hasSize(100);
        assertThat(it.reserve(LETTERS, 1)).isEmpty();
    }

    @Test
    void listsByStateInPages() {
        for (int i = 0; i < 5; i++) {
            it.add("r" + i, i % 2, NewJob.When.NOW);
        }
        it.add("d", 0, new NewJob.When.In(Duration.ofSeconds(1)));
        it.reserve();

        assertThat(ids(Optional.empty(), 2)).containsExactly(4L, 2L, 1L, 3L, 5L, 6L);
        assertThat(ids(Optional.of(JobState.READY), 2)).containsExactly(4L, 1L, 3L, 5L);
        assertThat(ids(Optional.of(JobState.READY), 4)).hasSize(4);
        assertThat(ids(Optional.of(JobState.DELAYED), 2)).containsExactly(6L);
        assertThat(ids(Optional.of(JobState.LEASED), 2)).containsExactly(2L);
        it.time.advance(LEASE);
        assertThat(ids(Optional.of(JobState.READY), 1)).hasSize(6);
        assertRefused(
                "broker.page_token_invalid",
                () -> it.queues.browser().list(MAILS, Optional.empty(), 1, Optional.of("AAAA")));
    }

    private List<Long> ids(Optional<JobState> state, int page) {
        List<Long> found = new ArrayList<>();
        Optional<String> token = Optional.empty();
        do {
            JobPage read = it.queues.browser().list(MAILS, state, page, token);
            assertThat(read.jobs().size()).isBetween(1, page);
            read.jobs().forEach(job -> found.add(job.id()));
            token = read.next();
        } while (token.isPresent());
        return found;
    }

    @Test
    void countsAndPeeksAndChangesNothing() {
        it.add("a");
        it.time.advanceMillis(10);
        it.add("b", 1, NewJob.When.NOW);
        it.add("c", 0, new NewJob.When.In(Duration.ofSeconds(1)));

        assertThat(it.queues.browser().peek(MAILS, 5).stream()
                        .map(peeked -> new String(peeked.content().payload(), UTF_8)))
                .containsExactly("b", "a");
        assertThat(it.queues.browser().get(MAILS, 3).job().state()).isEqualTo(JobState.DELAYED);
        assertRefused("broker.job_not_found", () -> it.queues.browser().get(MAILS, 4));
        assertThat(it.queues.browser().count(MAILS))
                .isEqualTo(new JobCounts(
                        2,
                        1,
                        0,
                        Optional.of(it.time.instant().minusMillis(10)),
                        Optional.of(it.time.instant().minusMillis(10))));
    }

    @Test
    void aPurgedQueueIsEmptyAndGivesNoNumberAgain() {
        it.add("a");
        it.add("b");
        LeaseToken lease = it.reserve().lease();

        it.queues.purge(MAILS);

        assertThat(it.queues.browser().count(MAILS).leased()).isZero();
        assertRefused("broker.lease_stale", () -> it.queues.ack(MAILS, lease));
        assertThat(it.add("c")).isEqualTo(3);
        it.reopen();
        assertThat(it.payloads(MAILS, 9)).containsExactly("c");
    }

    @Test
    void jobsAreWorkedOffAndRemovedThoughTheStoreIsFull() {
        it.add("a");
        it.add("b");
        it.add("c");
        it.fill();

        it.queues.ack(MAILS, it.reserve().lease());
        Delivery second = it.reserve();
        it.queues.extend(MAILS, second.lease(), Optional.of(Duration.ofMinutes(1)));
        it.nack(second);
        assertThat(it.queues.browser().count(MAILS).ready()).isEqualTo(2);
        it.queues.purge(MAILS);
        assertThat(it.queues.browser().count(MAILS).ready()).isZero();
        it.catalogue.delete(MAILS, it.queues::removeIn);

        assertRefused("broker.resource_not_found", () -> it.queues.purge(MAILS));
    }

    @Test
    void aLastAttemptEndsThoughTheStoreIsFull() {
        it.add("a");
        it.fill();

        for (int attempt = 0; attempt < 3; attempt++) {
            it.nack(it.reserve());
        }

        assertThat(it.queues.browser().count(MAILS).ready()).isZero();
        assertThat(it.queues.browser().count(LETTERS).ready()).isEqualTo(1);
    }

    @Test
    void aQueueThatIsMadeAnewHasNothingOfTheOld() {
        it.add("a");
        LeaseToken lease = it.reserve().lease();
        it.catalogue.delete(MAILS, it.queues::removeIn);
        assertRefused("broker.resource_not_found", () -> it.add("b"));
        it.create(MAILS, 3);

        assertThat(it.reserve(MAILS, 1)).isEmpty();
        assertRefused("broker.lease_stale", () -> it.queues.ack(MAILS, lease));
        assertThat(it.add("b")).isEqualTo(1);
    }

    @Test
    void refusesWhatNoJobCanBeBeforeAnythingIsWritten() {
        assertRefused("broker.payload_too_large", () -> content(4 * 1024 * 1024 + 1));
        assertRefused("broker.priority_invalid", () -> job("a", 10, NewJob.When.NOW));
        assertRefused("broker.priority_invalid", () -> job("a", -1, NewJob.When.NOW));
        assertRefused("broker.delay_invalid", () -> it.add("a", 0, new NewJob.When.In(Duration.ofMillis(-1))));
        assertRefused(
                "broker.delay_invalid", () -> it.add("a", 0, new NewJob.When.In(Duration.ofSeconds(Long.MAX_VALUE))));
        assertRefused("broker.delay_invalid", () -> it.add("a", 0, new NewJob.When.At(Instant.MAX)));
        assertRefused(
                "broker.delay_invalid",
                () -> it.queues.enqueue(
                        MAILS,
                        List.of(
                                job("good", 0, NewJob.When.NOW),
                                job("bad", 0, new NewJob.When.In(Duration.ofDays(367))))));
        assertRefused("broker.count_invalid", () -> it.queues.enqueue(MAILS, List.of()));
        assertRefused("broker.count_invalid", () -> it.reserve(MAILS, 0));
        assertRefused(
                "broker.visibility_timeout_invalid",
                () -> it.queues.reserve(MAILS, 1, Optional.of(Duration.ZERO), Duration.ZERO, Patience.UNLIMITED));
        assertRefused(
                "broker.wait_invalid",
                () -> it.queues.reserve(MAILS, 1, Optional.empty(), Duration.ofMinutes(6), Patience.UNLIMITED));
        assertRefused("broker.resource_not_found", () -> it.reserve(LETTERS, 1));
        assertThat(it.reserve(MAILS, 1)).isEmpty();
        content(4 * 1024 * 1024);
    }

    private static Content content(int bytes) {
        return new Content(new byte[bytes], List.of(), Optional.empty());
    }

    @Test
    void anAnswerHasNoMoreThanThreeMebibytesButForOneJob() {
        for (int i = 0; i < 3; i++) {
            it.queues.enqueue(MAILS, List.of(new NewJob(content(3 * 1024 * 1024), 0, NewJob.When.NOW)));
        }
        assertThat(it.queues.browser().peek(MAILS, 3)).hasSize(1);
        assertThat(it.reserve(MAILS, 3)).hasSize(1);
        assertThat(it.reserve(MAILS, 3)).hasSize(1);
        assertThat(it.reserve(MAILS, 3)).hasSize(1);
        assertThat(it.reserve(MAILS, 3)).isEmpty();
    }

    @Test
    void anAnswerCountsHeadersAndWhatIsAroundThemToo() {
        Header header = new Header("h", new byte[60 * 1024]);
        Content headed = new Content(new byte[0], List.of(header), Optional.empty());
        it.queues.enqueue(MAILS, Collections.nCopies(100, new NewJob(headed, 0, NewJob.When.NOW)));

        assertThat(it.queues.browser().peek(MAILS, 100)).hasSize(50);
        assertThat(it.reserve(MAILS, 100)).hasSize(50);
    }
}
