// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.queue;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import io.fiso.broker.catalogue.Catalogue;
import io.fiso.broker.catalogue.ResourceName;
import io.fiso.broker.store.Entry;
import io.fiso.broker.store.Store;
import io.fiso.broker.store.View;
import io.fiso.proto.broker.stored.v1.StoredContent;
import io.fiso.proto.broker.stored.v1.StoredJob;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;

/** What is in a queue. Reads only, and never waits for a write. Each method throws {@code broker.resource_not_found} if there is no such queue. */
public final class QueueBrowser {
    private final Store store;
    private final Catalogue catalogue;
    private final InstantSource clock;

    QueueBrowser(Store store, Catalogue catalogue, InstantSource clock) {
        this.store = store;
        this.catalogue = catalogue;
        this.clock = clock;
    }

    /**
     * A page of the jobs, by priority and time of visibility.
     *
     * @param state only these; empty for all
     * @param max 1 to {@link Queues#JOBS_MAX}; fewer come if they have more than 3 MiB together, with their reasons and origins
     * @param token from the page before
     */
    public JobPage list(ResourceName name, Optional<JobState> state, int max, Optional<String> token) {
        requireCount(max);
        Optional<IndexKey> after = token.map(QueueBrowser::key);
        return read(name, (view, queue) -> {
            long now = clock.millis();
            List<Job> found = new ArrayList<>();
            List<IndexKey> last = new ArrayList<>();
            boolean[] more = {false};
            long[] bytes = {0};
            byte[] from = after.map(IndexKey::bytes).orElse(null);
            view.scan(queue.table("index"), from, entry -> {
                IndexKey key = IndexKey.of(entry.key());
                boolean wanted = !after.equals(Optional.of(key))
                        && state.map(it -> it == Mark.of(entry.value()).state(key.visibleMillis(), now))
                                .orElse(true);
                if (!wanted) {
                    return true;
                }
                if (found.size() == max) {
                    more[0] = true;
                    return false;
                }
                StoredJob job = queue.require(key.job());
                bytes[0] += StoredForms.answerBytes(job, StoredContent.getDefaultInstance());
                if (!found.isEmpty() && bytes[0] > Reserving.ANSWER_BYTES_MAX) {
                    more[0] = true;
                    return false;
                }
                found.add(StoredForms.job(job, now));
                last.add(key);
                return true;
            });
            return new JobPage(found, more[0] ? Optional.of(token(last.getLast())) : Optional.empty());
        });
    }

    /** @throws BrokerException {@code broker.job_not_found} */
    public PeekedJob get(ResourceName name, long job) {
        return read(name, (_, queue) -> peeked(queue, queue.require(job), clock.millis()));
    }

    /**
     * What would be handed out next.
     *
     * @param max 1 to {@link Queues#JOBS_MAX}; fewer come if they have more than 3 MiB together, with all they carry
     */
    public List<PeekedJob> peek(ResourceName name, int max) {
        requireCount(max);
        return read(name, (view, queue) -> {
            long now = clock.millis();
            List<PeekedJob> found = new ArrayList<>();
            long[] bytes = {0};
            for (int priority = NewJob.PRIORITY_MAX; priority >= 0; priority--) {
                int wanted = priority;
                view.scan(queue.table("index"), IndexKey.from(priority, 0), entry -> {
                    IndexKey key = IndexKey.of(entry.key());
                    if (found.size() == max || key.priority() != wanted || key.visibleMillis() > now) {
                        return false;
                    }
                    if (Mark.of(entry.value()) == Mark.LAST_LEASE) {
                        return true;
                    }
                    StoredJob job = queue.require(key.job());
                    StoredContent content = queue.content(job.getId());
                    bytes[0] += StoredForms.answerBytes(job, content);
                    if (!found.isEmpty() && bytes[0] > Reserving.ANSWER_BYTES_MAX) {
                        return false;
                    }
                    return found.add(new PeekedJob(StoredForms.job(job, now), StoredForms.content(content)));
                });
            }
            return found;
        });
    }

    /** How many there are. Looks at one small entry for each job. */
    public JobCounts count(ResourceName name) {
        return read(name, (view, queue) -> {
            long now = clock.millis();
            Map<JobState, Long> counts = new EnumMap<>(JobState.class);
            long[] oldestReady = {Long.MAX_VALUE};
            view.scan(queue.table("index"), null, entry -> {
                long visible = IndexKey.of(entry.key()).visibleMillis();
                JobState state = Mark.of(entry.value()).state(visible, now);
                counts.merge(state, 1L, Long::sum);
                if (state == JobState.READY) {
                    oldestReady[0] = Math.min(oldestReady[0], visible);
                }
                return true;
            });
            // Numbers are given in the order in which jobs are added.
            Entry first = view.first(queue.table("jobs"));
            return new JobCounts(
                    counts.getOrDefault(JobState.READY, 0L),
                    counts.getOrDefault(JobState.DELAYED, 0L),
                    counts.getOrDefault(JobState.LEASED, 0L),
                    Optional.ofNullable(first)
                            .map(entry -> StoredForms.parse(StoredJob.parser(), entry.value()))
                            .map(job -> Instant.ofEpochMilli(job.getEnqueueMillis())),
                    oldestReady[0] == Long.MAX_VALUE
                            ? Optional.empty()
                            : Optional.of(Instant.ofEpochMilli(oldestReady[0])));
        });
    }

    /** How many there are, whatever their state. Does not look at them. */
    public long size(ResourceName name) {
        return read(name, (view, queue) -> view.count(queue.table("jobs")));
    }

    long lastJob(ResourceName name) {
        return read(name, (_, queue) -> queue.state.getLastJob());
    }

    /** Numbers of jobs that are there, after one and up to another. */
    List<Long> jobsAfter(ResourceName name, long after, long last, int max) {
        return read(name, (view, queue) -> {
            List<Long> found = new ArrayList<>();
            view.scan(queue.table("jobs"), QueueView.number(after + 1), entry -> {
                long job = ByteBuffer.wrap(entry.key()).getLong();
                return found.size() < max && job <= last && found.add(job);
            });
            return found;
        });
    }

    private <R> R read(ResourceName name, BiFunction<View, QueueView, R> reading) {
        return store.read(view -> reading.apply(view, new QueueView(view, catalogue.require(view, name))));
    }

    private static PeekedJob peeked(QueueView queue, StoredJob job, long now) {
        return new PeekedJob(StoredForms.job(job, now), StoredForms.content(queue.content(job.getId())));
    }

    private static String token(IndexKey key) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(key.bytes());
    }

    private static IndexKey key(String token) {
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(token);
            if (bytes.length == IndexKey.BYTES) {
                return IndexKey.of(bytes);
            }
        } catch (IllegalArgumentException _) {
            // As one of another length.
        }
        throw new BrokerException(
                Kind.INVALID, "broker.page_token_invalid", "the page token is none that came with a page of jobs");
    }

    private static void requireCount(int max) {
        if (max < 1 || max > Queues.JOBS_MAX) {
            throw new BrokerException(
                    Kind.INVALID,
                    "broker.count_invalid",
                    "asked for " + Integer.toUnsignedString(max) + " jobs; it can be 1 to " + Queues.JOBS_MAX);
        }
    }
}
