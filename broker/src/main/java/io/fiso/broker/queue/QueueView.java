// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.queue;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import io.fiso.broker.alarm.NextAlarm;
import io.fiso.broker.catalogue.Resource;
import io.fiso.broker.store.Entry;
import io.fiso.broker.store.View;
import io.fiso.proto.broker.stored.v1.StoredContent;
import io.fiso.proto.broker.stored.v1.StoredJob;
import io.fiso.proto.broker.stored.v1.StoredQueue;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One queue's tables, as a view shows them:
 *
 * <ul>
 *   <li>{@code index}: {@link IndexKey} to {@link Mark}, one entry for each job. What is ready, delayed or leased is a matter of its time.
 *   <li>{@code jobs}: number to {@link StoredJob}.
 *   <li>{@code contents}: number to {@link StoredContent}, written once.
 *   <li>{@code last}: end of a last lease and number to nothing, for the alarm that makes dead letters.
 * </ul>
 */
class QueueView {
    static final String QUEUES = "queues";

    final Resource queue;
    StoredQueue state;
    private final View view;

    QueueView(View view, Resource queue) {
        this.view = view;
        this.queue = queue;
        this.state = state(view, queue.id());
    }

    static StoredQueue state(View view, long queue) {
        byte[] stored = view.get(QUEUES, number(queue));
        return stored == null ? StoredQueue.getDefaultInstance() : StoredForms.parse(StoredQueue.parser(), stored);
    }

    final String table(String what) {
        return table(queue.id(), state.getEpoch(), what);
    }

    static String table(long queue, long epoch, String what) {
        return "queue." + queue + "." + epoch + "." + what;
    }

    static byte[] number(long number) {
        return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
    }

    /** Whether jobs of this queue stay, however often they fail. */
    final boolean holdsDeadLetters() {
        return state.getDeadLetters() || DeadLetters.queueOf(queue).equals(queue.name());
    }

    final Optional<StoredJob> find(long job) {
        byte[] stored = view.get(table("jobs"), number(job));
        return stored == null ? Optional.empty() : Optional.of(StoredForms.parse(StoredJob.parser(), stored));
    }

    final StoredJob require(long job) {
        return find(job)
                .orElseThrow(() -> new BrokerException(
                        Kind.NOT_FOUND,
                        "broker.job_not_found",
                        "there is no job " + Long.toUnsignedString(job) + " in " + queue.name()));
    }

    final StoredContent content(long job) {
        byte[] stored = view.get(table("contents"), number(job));
        if (stored == null) {
            throw new BrokerException(
                    Kind.INTERNAL, "broker.store_damaged", "job " + job + " of " + queue.name() + " has no content");
        }
        return StoredForms.parse(StoredContent.parser(), stored);
    }

    /** The first entry of the index that is of this priority and visible by now; null if there is none. */
    final @Nullable Entry due(int priority, long now) {
        Entry entry = view.ceiling(table("index"), IndexKey.from(priority, 0));
        if (entry == null) {
            return null;
        }
        IndexKey key = IndexKey.of(entry.key());
        return key.priority() == priority && key.visibleMillis() <= now ? entry : null;
    }

    final boolean anyDue(long now) {
        for (int priority = NewJob.PRIORITY_MAX; priority >= 0; priority--) {
            if (due(priority, now) != null) {
                return true;
            }
        }
        return false;
    }

    /** How many entries are due, or {@code max} if there are more. */
    final int due(long now, int max) {
        int[] found = {0};
        for (int priority = NewJob.PRIORITY_MAX; priority >= 0 && found[0] < max; priority--) {
            int wanted = priority;
            view.scan(table("index"), IndexKey.from(priority, 0), entry -> {
                IndexKey key = IndexKey.of(entry.key());
                if (key.priority() != wanted || key.visibleMillis() > now) {
                    return false;
                }
                found[0]++;
                return found[0] < max;
            });
        }
        return found[0];
    }

    /** When the next of those that are not due will be; {@link NextAlarm#NEVER} if there is none. */
    final long nextDue(long now) {
        long next = NextAlarm.NEVER;
        for (int priority = NewJob.PRIORITY_MAX; priority >= 0; priority--) {
            Entry entry = view.ceiling(table("index"), IndexKey.from(priority, now + 1));
            if (entry == null) {
                break;
            }
            IndexKey key = IndexKey.of(entry.key());
            if (key.priority() == priority) {
                next = Math.min(next, key.visibleMillis());
            }
        }
        return next;
    }

    /** The job whose last lease ends first, and when; null if there is none. */
    final @Nullable LastLease firstLastLease() {
        Entry entry = view.first(table("last"));
        if (entry == null) {
            return null;
        }
        ByteBuffer read = ByteBuffer.wrap(entry.key());
        return new LastLease(read.getLong(), read.getLong());
    }

    record LastLease(long endMillis, long job) {
        byte[] bytes() {
            return ByteBuffer.allocate(2 * Long.BYTES)
                    .putLong(endMillis)
                    .putLong(job)
                    .array();
        }
    }
}
