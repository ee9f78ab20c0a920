// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.queue;

import io.fiso.broker.catalogue.Catalogue;
import io.fiso.broker.catalogue.Resource;
import io.fiso.broker.catalogue.ResourceKind;
import io.fiso.broker.catalogue.ResourceName;
import io.fiso.broker.catalogue.Settings;
import io.fiso.broker.store.Change;
import io.fiso.proto.broker.stored.v1.StoredContent;
import io.fiso.proto.broker.stored.v1.StoredJob;
import io.fiso.proto.broker.stored.v1.StoredOrigin;
import java.util.Optional;

/** Moves jobs to dead letter queues and back, each within one write. */
final class DeadLetters {
    private static final String SUFFIX = ".dlq";
    private static final int NAME_LENGTH_MAX = 100;

    private final Catalogue catalogue;

    DeadLetters(Catalogue catalogue) {
        this.catalogue = catalogue;
    }

    /** The queue that takes what this one gives up. A name that would be too long is cut, so queues may share one: each letter knows where it came from. */
    static ResourceName queueOf(Resource queue) {
        ResourceName name = queue.name();
        String own = name.name();
        String cut = own.substring(0, Math.min(own.length(), NAME_LENGTH_MAX - SUFFIX.length())) + SUFFIX;
        return new ResourceName(
                name.tenant(),
                name.namespace(),
                ResourceKind.QUEUE,
                queue.queue().deadLetterQueue().orElse(cut));
    }

    /** Whether a delivery of this job is its last: it is given up if nobody acks that one. */
    static boolean isLast(QueueView queue, StoredJob job, int attempts) {
        return attempts >= queue.queue.queue().attemptsMax() && !job.hasOrigin() && !queue.holdsDeadLetters();
    }

    /**
     * Gives a job up after its last attempt. If its queue has become one of dead letters meanwhile, it is visible again instead.
     *
     * @return where it went
     */
    Optional<ResourceName> giveUp(
            Change change, QueueChange from, StoredJob job, String reason, long now, Aftermath aftermath) {
        if (!isLast(from, job, job.getAttempts())) {
            from.replace(
                    job,
                    job.toBuilder()
                            .clearLease()
                            .clearLastLease()
                            .setReason(reason)
                            .setVisibleMillis(now)
                            .build());
            return Optional.empty();
        }
        ResourceName name = queueOf(from.queue);
        Resource target = catalogue
                .find(change, name)
                .orElseGet(() ->
                        catalogue.createIn(change, name, from.queue.durability(), Settings.of(ResourceKind.QUEUE)));
        StoredContent content = from.content(job.getId());
        from.remove(job);
        QueueChange letters = new QueueChange(change, target, aftermath);
        letters.holdDeadLetters();
        letters.add(
                StoredJob.newBuilder()
                        .setPriority(job.getPriority())
                        .setEnqueueMillis(now)
                        .setVisibleMillis(now)
                        .setOrigin(StoredOrigin.newBuilder()
                                .setQueue(from.queue.name().toString())
                                .setJob(job.getId())
                                .setAttempts(job.getAttempts())
                                .setEnqueueMillis(job.getEnqueueMillis())
                                .setDeadMillis(now)
                                .setReason(reason)),
                content);
        aftermath.deadLetter();
        return Optional.of(name);
    }

    /**
     * Puts a letter back to where it came from.
     *
     * @return why it stays; empty if it went
     */
    Optional<Stays> putBack(Change change, QueueChange from, long id, long now, Aftermath aftermath) {
        Optional<StoredJob> found = from.find(id);
        if (found.isEmpty()) {
            return Optional.of(
                    new Stays(Stays.Why.NOT_THERE, id, from.queue.name().toString()));
        }
        StoredJob job = found.get();
        if (!job.hasOrigin()) {
            return Optional.of(
                    new Stays(Stays.Why.NO_LETTER, id, from.queue.name().toString()));
        }
        if (!job.getLease().isEmpty() && job.getVisibleMillis() > now) {
            return Optional.of(new Stays(Stays.Why.LEASED, id, from.queue.name().toString()));
        }
        Optional<Resource> home =
                catalogue.find(change, ResourceName.parse(job.getOrigin().getQueue()));
        if (home.isEmpty()) {
            return Optional.of(new Stays(Stays.Why.NO_HOME, id, job.getOrigin().getQueue()));
        }
        StoredContent content = from.content(id);
        from.remove(job);
        new QueueChange(change, home.get(), aftermath)
                .add(
                        StoredJob.newBuilder()
                                .setPriority(job.getPriority())
                                .setEnqueueMillis(now)
                                .setVisibleMillis(now),
                        content);
        return Optional.empty();
    }
}
