// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.components.streamsource;

import io.fiso.broker.client.BrokerConnection;
import io.fiso.broker.client.BrokerFailure;
import io.fiso.brokeraccess.Attempts;
import io.fiso.brokeraccess.BrokerLink;
import io.fiso.brokeraccess.Pace;
import io.fiso.components.streamsource.StreamSourceConfig.OnGap;
import io.fiso.kafka.CommitNote;
import io.fiso.kafka.CommitNote.Backfill;
import io.fiso.kafka.StartOffset;
import io.fiso.kafka.Until;
import io.fiso.proto.broker.v1.HeartbeatGroupResponse;
import io.fiso.proto.broker.v1.JoinGroupResponse;
import io.fiso.proto.broker.v1.OpenSubscription;
import io.fiso.proto.broker.v1.PartitionDescription;
import io.fiso.proto.broker.v1.PartitionOffset;
import io.fiso.proto.broker.v1.PartitionStart;
import io.fiso.proto.broker.v1.SubscriptionBatch;
import io.fiso.sdk.OriginalRecord;
import io.fiso.sdk.SettledPosition;
import io.fiso.sdk.SourceContext;
import io.fiso.sdk.SourceEvent;
import io.fiso.sdk.message.EventReader;
import io.prometheus.metrics.core.metrics.Counter;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The source's one loop: keeps its place in the group, emits what was pushed, commits what is settled. What may be emitted and committed, and where a
 * partition ends, is decided by {@link PartitionFeed} and {@link BackfillPlan}; this class only does it. What goes wrong with the broker ends a round, and
 * the next one begins with what has to be found out anew.
 */
final class StreamReader {
    private static final Duration IDLE_WAIT = Duration.ofMillis(100);
    private static final Duration FULL_WAIT = Duration.ofMillis(10);
    private static final Duration DRAIN_LIMIT = Duration.ofMinutes(5);
    private static final Duration LAST_COMMIT_LIMIT = Duration.ofSeconds(10);

    private final BrokerLink link;
    private final GroupPlace group;
    private final StreamSourceConfig config;
    private final SourceContext context;
    private final Counter skipped;
    private final Map<Integer, PartitionFeed> feeds = new TreeMap<>();
    private final Map<Integer, PartitionSubscription> subscriptions = new HashMap<>();
    private final BlockingQueue<Arrival> arrivals = new LinkedBlockingQueue<>();
    private final Pace heartbeats = new Pace(Duration.ofSeconds(3));
    private final Pace commits = new Pace(Duration.ofMillis(100));
    private final Pace looks = new Pace(Duration.ofSeconds(2));
    private final Pace completions = new Pace(Duration.ofMillis(250));
    private final Attempts attempts;
    private volatile @Nullable RecordEvents events;
    private @Nullable BackfillPlan backfill;
    private boolean joined;
    private boolean awaited;
    private long generation;

    StreamReader(BrokerLink link, StreamSourceConfig config, SourceContext context) {
        this.link = link;
        this.config = config;
        this.context = context;
        this.attempts = new Attempts(context, this::broken, this::refused);
        this.group = new GroupPlace(
                link,
                config.group(context.pipeline()),
                context.pipeline() + "." + context.component() + "." + context.replica());
        this.skipped = Counter.builder()
                .name("fiso_component_skipped_records_total")
                .help("Records that retention took before they were read")
                .register(context.metrics());
    }

    SourceEvent restore(OriginalRecord original) {
        RecordEvents known = events;
        if (known == null) {
            throw new IllegalStateException("no broker has answered yet");
        }
        return known.event(original);
    }

    /** Reads until the context is stopping, or a bounded read has ended; then until everything emitted is settled and committed. */
    void run() throws InterruptedException {
        try {
            boolean complete = false;
            while (!context.stopping() && !complete) {
                emitFetched();
                collectSettled();
                boolean done = attempts.attempt(this::round);
                boolean waiting = feeds.values().stream().anyMatch(PartitionFeed::waiting);
                boolean received = attempts.attempt(() -> receive(done && !waiting ? IDLE_WAIT : Duration.ZERO));
                if (waiting || !done || !received) {
                    context.await(FULL_WAIT);
                }
                complete = done && (backfillComplete() || readOut());
            }
            settleEverything();
        } finally {
            closeSubscriptions();
        }
    }

    private void settleEverything() throws InterruptedException {
        closeSubscriptions();
        feeds.values().forEach(PartitionFeed::leave);
        long start = System.nanoTime();
        while (!feeds.values().stream().allMatch(PartitionFeed::allSettled)
                && System.nanoTime() - start < DRAIN_LIMIT.toNanos()) {
            context.await(FULL_WAIT);
            collectSettled();
            attempts.attempt(this::keepPlaceAndCommit);
        }
        collectSettled();
        start = System.nanoTime();
        while (uncommitted() && System.nanoTime() - start < LAST_COMMIT_LIMIT.toNanos()) {
            commits.now();
            if (!attempts.attempt(this::keepPlaceAndCommit)) {
                context.await(FULL_WAIT);
            }
        }
        if (uncommitted()) {
            context.logger().log(Level.WARNING, "Offsets could not be committed; their records will be read again");
        } else if (joined) {
            attempts.attempt(() -> {
                group.leave();
                joined = false;
            });
        }
    }

    private boolean uncommitted() {
        return feeds.values().stream().anyMatch(feed -> feed.nextCommit() != null);
    }

    // ---- one round
    // ---------------------------------------------------------------------------------------------------------

    /** Where it stands has to be found out anew. */
    private void broken() {
        closeSubscriptions();
        heartbeats.now();
    }

    private void refused(BrokerFailure failure) {
        switch (failure.code()) {
            case "broker.generation_stale", "broker.partition_not_assigned" -> {}
            case "broker.member_unknown", "broker.group_not_found" -> joined = false;
            case "broker.resource_not_found" -> {
                // What takes its place is read from its beginning.
                awaited = true;
                joined = false;
                releaseAll();
                attempts.pause(link.target() + " does not exist; it is read from its beginning when it is made");
            }
            case "broker.offset_before_earliest" ->
                throw new IllegalStateException(
                        "retention took records of " + link.target() + " before they were read: " + failure.getMessage()
                                + ". Nothing is skipped on its own: say onGap: skip to count them and go on, reset the group, or name another consumerGroup"
                                + " (STREAM_GAP)",
                        failure);
            case "broker.commit_backwards" ->
                throw new IllegalStateException(
                        "another instance of this component has taken its place in the consumer group; this one ends",
                        failure);
            default -> {
                if (!failure.isTransient()) {
                    throw new IllegalStateException(
                            "the broker refuses to read " + link.target() + ": " + failure.getMessage() + " ("
                                    + failure.code() + ")",
                            failure);
                }
                attempts.pause(String.valueOf(failure.getMessage()));
            }
        }
    }

    private void round() throws IOException, InterruptedException {
        keepPlaceAndCommit();
        subscribe();
        decideEnds();
        look();
        attempts.satisfied();
    }

    private void keepPlaceAndCommit() throws IOException, InterruptedException {
        if (!joined) {
            join();
        } else if (heartbeats.due()) {
            HeartbeatGroupResponse place = group.heartbeat();
            assigned(place.getGeneration(), place.getAssignedList());
        }
        commitFirst();
        if (commits.due()) {
            commit();
        }
    }

    private void emitFetched() throws InterruptedException {
        RecordEvents known = events;
        if (known == null) {
            return;
        }
        for (PartitionFeed feed : feeds.values()) {
            Fetched next = feed.next();
            while (next != null && context.ready(feed.name())) {
                context.emit(known.event(feed, next.record()));
                feed.emitted(next);
                next = feed.next();
            }
        }
    }

    /** Takes what was pushed; waits so long for the first. */
    private void receive(Duration wait) throws InterruptedException {
        Arrival arrival = arrivals.poll(wait.toMillis(), TimeUnit.MILLISECONDS);
        while (arrival != null) {
            PartitionSubscription from = arrival.from();
            if (subscriptions.get(from.partition()) == from) {
                switch (arrival) {
                    case Arrival.Batch pushed -> take(from, pushed.batch());
                    case Arrival.Failed ended -> {
                        link.failed(from.connection(), ended.failure());
                        throw ended.failure();
                    }
                }
            }
            arrival = arrivals.poll();
        }
    }

    private void take(PartitionSubscription from, SubscriptionBatch batch) {
        PartitionFeed feed = feeds.get(from.partition());
        if (feed == null) {
            return;
        }
        if (batch.getSkipped() > 0) {
            skipped.inc(batch.getSkipped());
            context.logger()
                    .log(
                            Level.WARNING,
                            "Retention took {0} records of partition {1} of {2} before they were read",
                            batch.getSkipped(),
                            from.partition(),
                            link.target());
        }
        feed.reaches(batch.getEndOffset());
        feed.add(from.records(batch));
    }

    private void collectSettled() {
        Map<String, SettledPosition> settled = context.settled();
        for (PartitionFeed feed : feeds.values()) {
            SettledPosition position = settled.get(feed.name());
            if (position != null) {
                feed.settled(position);
            }
        }
    }

    // ---- commits
    // -----------------------------------------------------------------------------------------------------------

    private void commitFirst() throws IOException, InterruptedException {
        commit(PartitionFeed::firstCommit);
    }

    private void commit() throws IOException, InterruptedException {
        commit(PartitionFeed::nextCommit);
    }

    /** What a partition has to commit; null for nothing. */
    @FunctionalInterface
    private interface Wanted {
        PartitionFeed.@Nullable Commit of(PartitionFeed feed);
    }

    private void commit(Wanted wanted) throws IOException, InterruptedException {
        Map<PartitionFeed, PartitionFeed.Commit> batch = new HashMap<>();
        for (PartitionFeed feed : feeds.values()) {
            PartitionFeed.Commit commit = wanted.of(feed);
            if (commit != null) {
                feed.sent(commit);
                batch.put(feed, commit);
            }
        }
        if (batch.isEmpty()) {
            return;
        }
        group.commit(
                generation,
                batch.values().stream().map(PartitionFeed.Commit::wire).toList());
        Map<String, SettledPosition> positions = new HashMap<>();
        batch.forEach((feed, commit) -> {
            feed.confirmed(commit);
            positions.put(feed.name(), commit.settled());
        });
        context.committed(positions);
    }

    // ---- the group
    // ---------------------------------------------------------------------------------------------------------

    private void join() throws IOException, InterruptedException {
        BrokerLink.Found stream = link.resource();
        RecordEvents known = events;
        if (known == null || !known.of(stream.resource())) {
            releaseAll();
            events = new RecordEvents(
                    new EventReader("fiso-flow/" + context.pipeline(), config.eventType()), stream.resource());
        }
        boolean fromBeginning = awaited || stream.created();
        JoinGroupResponse place = group.join(fromBeginning ? new StartOffset.Earliest() : config.start());
        joined = true;
        heartbeats.later();
        assigned(place.getGeneration(), place.getAssignedList());
    }

    /** Goes on in a generation, with what it gives this member. */
    private void assigned(long current, List<PartitionOffset> partitions) throws IOException, InterruptedException {
        if (current != generation) {
            closeSubscriptions();
            generation = current;
        }
        Map<Integer, PartitionOffset> now = new TreeMap<>();
        partitions.forEach(partition -> now.put(partition.getPartition(), partition));
        for (PartitionFeed feed : List.copyOf(feeds.values())) {
            PartitionOffset still = now.remove(feed.partition());
            // Where somebody else has been meanwhile, what is on its way here is not to be committed any more.
            if (still == null || !feed.leftAt(still.getOffset())) {
                release(feed);
                if (still != null) {
                    now.put(still.getPartition(), still);
                }
            }
        }
        if (config.bound().isPresent() && (backfill == null || !now.isEmpty())) {
            backfill = BackfillPlan.of(config.bound().get(), context.run(), group.progress());
        }
        for (PartitionOffset fresh : now.values()) {
            takeUp(fresh);
        }
    }

    private void takeUp(PartitionOffset committed) throws IOException, InterruptedException {
        CommitNote found = CommitNote.parse(committed.getNote());
        BackfillPlan plan = backfill;
        Optional<Backfill> part = Optional.empty();
        Optional<Instant> before = Optional.empty();
        if (plan != null) {
            long end = plan.includes(found) ? found.backfill().orElseThrow().end() : freshEnd(plan, committed);
            part = Optional.of(plan.part(end));
            before = plan.until() instanceof Until.Time(Instant time) ? Optional.of(time) : before;
        }
        CommitNote note = new CommitNote(found.partitions(), part, found.ledger());
        PartitionFeed feed = new PartitionFeed(
                committed.getPartition(),
                new PartitionFeed.Start(
                        committed.getOffset(), note, note.backfill().equals(found.backfill())),
                before);
        feeds.put(feed.partition(), feed);
        context.resumed(feed.name(), feed.ledger());
    }

    private long freshEnd(BackfillPlan plan, PartitionOffset committed) throws IOException, InterruptedException {
        return switch (plan.until()) {
            case Until.End() -> group.end(committed.getPartition());
            case Until.Time(Instant time) when context.clock().instant().isBefore(time) -> Backfill.OPEN;
            case Until.Time(Instant time) -> group.since(committed.getPartition(), time);
        };
    }

    private void subscribe() throws IOException, InterruptedException {
        for (PartitionFeed feed : feeds.values()) {
            PartitionSubscription open = subscriptions.get(feed.partition());
            if (open == null && feed.wanting()) {
                BrokerConnection connection = link.connection();
                subscriptions.put(
                        feed.partition(),
                        PartitionSubscription.open(
                                feed.partition(),
                                OpenSubscription.newBuilder()
                                        .setStream(group.stream())
                                        .setMember(group.in(generation))
                                        .addPartitions(PartitionStart.newBuilder()
                                                .setPartition(feed.partition())
                                                .setOffset(feed.readUpTo()))
                                        .setSkipMissing(config.onGap() == OnGap.SKIP)
                                        .build(),
                                connection,
                                PartitionSubscription.Window.of(feeds.size()),
                                arrivals));
            } else if (open != null && !feed.wanting()) {
                subscriptions.remove(feed.partition());
                open.close();
            }
        }
    }

    private void closeSubscriptions() {
        subscriptions.values().forEach(PartitionSubscription::close);
        subscriptions.clear();
        arrivals.clear();
    }

    private void release(PartitionFeed feed) {
        feeds.remove(feed.partition());
        feed.leave();
        PartitionSubscription open = subscriptions.remove(feed.partition());
        if (open != null) {
            open.close();
        }
        context.release(feed.name());
    }

    private void releaseAll() {
        List.copyOf(feeds.values()).forEach(this::release);
    }

    // ---- where it ends
    // -----------------------------------------------------------------------------------------------------

    /** An end in the future is decided when its time has come. */
    private void decideEnds() throws IOException, InterruptedException {
        if (backfill == null || !(backfill.until() instanceof Until.Time(Instant time))) {
            return;
        }
        for (PartitionFeed feed : feeds.values()) {
            if (feed.endOpen() && !context.clock().instant().isBefore(time)) {
                feed.end(group.since(feed.partition(), time));
            }
        }
    }

    /** Whether the whole group is through: until then this member may have to take over what another cannot finish. */
    private boolean backfillComplete() throws InterruptedException {
        BackfillPlan plan = backfill;
        if (plan == null
                || !joined
                || !feeds.values().stream().allMatch(PartitionFeed::finished)
                || !completions.due()) {
            return false;
        }
        List<Boolean> answer = new ArrayList<>();
        attempts.attempt(() -> answer.add(plan.complete(group.progress())));
        return answer.contains(true);
    }

    /** Whether nothing more comes into the stream, and the group has committed all that is in it. */
    private boolean readOut() throws InterruptedException {
        // Looked up after it is known that the end will not move.
        if (!context.finishing() || !joined || !completions.due()) {
            return false;
        }
        List<Boolean> answer = new ArrayList<>();
        attempts.attempt(() -> answer.add(group.throughWithAll()));
        return answer.contains(true);
    }

    // ---- status
    // ------------------------------------------------------------------------------------------------------------

    private void look() throws IOException, InterruptedException {
        if (looks.due()) {
            for (PartitionDescription partition : group.describe().getPartitionsList()) {
                PartitionFeed feed = feeds.get(partition.getPartition());
                if (feed != null) {
                    feed.reaches(partition.getEndOffset());
                    context.lag(feed.name(), feed.lag());
                }
            }
        }
    }
}
