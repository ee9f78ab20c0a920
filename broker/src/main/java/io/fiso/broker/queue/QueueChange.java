// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.queue;

import io.fiso.broker.catalogue.Resource;
import io.fiso.broker.store.Change;
import io.fiso.proto.broker.stored.v1.StoredContent;
import io.fiso.proto.broker.stored.v1.StoredJob;
import io.fiso.proto.broker.stored.v1.StoredQueue;

/** One queue's tables within a write. Each job has exactly one entry in each of index, jobs and contents, and one in last if it is leased for the last time. */
final class QueueChange extends QueueView {
    private static final byte[] NOTHING = {};

    private final Change change;
    private final Aftermath aftermath;

    QueueChange(Change change, Resource queue, Aftermath aftermath) {
        super(change, queue);
        this.change = change;
        this.aftermath = aftermath;
    }

    /** Adds a job, and gives it a number. */
    StoredJob add(StoredJob.Builder job, StoredContent content) {
        // Read again: another object may have added to this queue in the same write.
        state = state(change, queue.id());
        long id = state.getLastJob() + 1;
        save(state.toBuilder().setLastJob(id));
        StoredJob made =
                job.setId(id).setPayloadSize(content.getPayload().size()).build();
        change.put(table("contents"), number(id), content.toByteArray());
        put(made);
        return made;
    }

    /** Puts what has become of a job in its place. */
    void replace(StoredJob before, StoredJob after) {
        takeOut(before);
        put(after);
    }

    void remove(StoredJob job) {
        takeOut(job);
        change.delete(table("jobs"), number(job.getId()));
        change.delete(table("contents"), number(job.getId()));
    }

    /** From now on its jobs never move on. */
    void holdDeadLetters() {
        if (!state.getDeadLetters()) {
            save(state.toBuilder().setDeadLetters(true));
        }
    }

    /** Removes every job, at a cost that does not depend on how many there are. */
    void purge() {
        drop(change, queue.id(), state);
        save(state.toBuilder().setEpoch(state.getEpoch() + 1));
    }

    static void drop(Change change, long queue, StoredQueue state) {
        for (String what : new String[] {"index", "jobs", "contents", "last"}) {
            change.drop(table(queue, state.getEpoch(), what));
        }
    }

    private void put(StoredJob job) {
        change.put(table("jobs"), number(job.getId()), job.toByteArray());
        Mark mark = StoredForms.mark(job);
        change.put(table("index"), key(job), mark.bytes());
        if (mark == Mark.LAST_LEASE) {
            change.put(table("last"), new LastLease(job.getVisibleMillis(), job.getId()).bytes(), NOTHING);
        }
        aftermath.visible(queue, job.getVisibleMillis(), mark == Mark.LAST_LEASE);
    }

    private void takeOut(StoredJob job) {
        change.delete(table("index"), key(job));
        if (job.getLastLease()) {
            change.delete(table("last"), new LastLease(job.getVisibleMillis(), job.getId()).bytes());
        }
    }

    private void save(StoredQueue.Builder changed) {
        state = changed.build();
        change.put(QUEUES, number(queue.id()), state.toByteArray());
    }

    private static byte[] key(StoredJob job) {
        return new IndexKey(job.getPriority(), job.getVisibleMillis(), job.getId()).bytes();
    }
}
