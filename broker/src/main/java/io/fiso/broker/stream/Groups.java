// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.stream;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import io.fiso.broker.catalogue.Resource;
import io.fiso.broker.store.Change;
import io.fiso.broker.store.Durability;
import io.fiso.broker.store.Store;
import io.fiso.broker.store.View;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedSet;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * Consumer groups. Whenever somebody comes, goes, or lets a lease end, a generation begins, whose number is on disk before anybody has it; what comes with an
 * older one is refused. Members are in memory: after a restart everybody joins again. Calls may come from any thread, and block while they write.
 */
public final class Groups {
    public static final Duration SESSION_TIMEOUT = Duration.ofSeconds(30);
    static final Duration SESSION_TIMEOUT_MIN = Duration.ofSeconds(1);
    static final Duration SESSION_TIMEOUT_MAX = Duration.ofHours(1);
    static final int MEMBERS_MAX = 1_000;
    static final int GROUPS_MAX = 1_000;
    static final int NOTE_CHARS_MAX = 1_024;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

    private final Map<GroupKey, Group> groups = new ConcurrentHashMap<>();
    private final Store store;
    private final Partitions partitions;
    private final InstantSource clock;
    private final Supplier<String> memberIds;

    private record GroupKey(Resource stream, String name) {}

    Groups(Store store, Partitions partitions, InstantSource clock, Supplier<String> memberIds) {
        this.store = store;
        this.partitions = partitions;
        this.clock = clock;
        this.memberIds = memberIds;
    }

    /**
     * Makes a member, and the group if there is none.
     *
     * @param member its own id; empty for a new one
     * @param start where a new group begins; that is committed at once
     */
    public Membership join(
            Resource stream, String group, Optional<String> member, Duration sessionTimeout, Start start) {
        requireName("group", group);
        member.ifPresent(id -> requireName("member_id", id));
        if (sessionTimeout.compareTo(SESSION_TIMEOUT_MIN) < 0 || sessionTimeout.compareTo(SESSION_TIMEOUT_MAX) > 0) {
            throw new BrokerException(
                    Kind.INVALID,
                    "broker.session_timeout_invalid",
                    "session_timeout is " + sessionTimeout + "; it can be 1 s to 1 h");
        }
        while (true) {
            Group there = groups.computeIfAbsent(new GroupKey(stream, group), _ -> new Group(group, 0));
            there.lock.lock();
            try {
                if (!there.gone()) {
                    return joinLocked(stream, there, member.orElseGet(memberIds), sessionTimeout, start);
                }
            } finally {
                forgetIfEmpty(stream, there);
                there.lock.unlock();
            }
        }
    }

    private Membership joinLocked(Resource stream, Group group, String member, Duration timeout, Start start) {
        SequencedSet<String> members = group.alive(clock.millis());
        if (!members.contains(member) && members.size() >= MEMBERS_MAX) {
            throw new BrokerException(
                    Kind.EXHAUSTED,
                    "broker.group_full",
                    "the group \"" + group.name() + "\" has " + MEMBERS_MAX
                            + " members, which is the most there can be");
        }
        members.add(member);
        Begun begun = begin(stream, group, members, Optional.of(start));
        // From now on, not from before a write that may have taken long.
        group.lease(member, timeout.toMillis(), clock.millis());
        group.become(begun.roster);
        return membership(begun.roster, member, begun.committed);
    }

    /** Renews a member's lease. */
    public Membership heartbeat(Resource stream, String group, String member) {
        return locked(stream, group, member, there -> {
            long now = clock.millis();
            there.renew(member, now);
            List<Position> committed = store.read(view -> positions(view, stream, group));
            return membership(there.roster(), member, committed);
        });
    }

    /** The same for who only wants to live on in this generation. */
    void renew(Resource stream, String group, String member, long generation) {
        locked(stream, group, member, there -> {
            there.requireCurrent(member, generation);
            there.renew(member, clock.millis());
            return there;
        });
    }

    public void leave(Resource stream, String group, String member) {
        locked(stream, group, member, there -> {
            SequencedSet<String> left = there.alive(clock.millis());
            left.remove(member);
            there.become(begin(stream, there, left, Optional.empty()).roster);
            return there;
        });
    }

    /**
     * Ends what was not renewed in time. Groups also notice when they are used; those that nobody uses, only by this.
     *
     * @throws RuntimeException the first that a group's write threw, once all groups have had their turn
     */
    public void expire() {
        List<RuntimeException> failures = new ArrayList<>();
        groups.forEach((key, group) -> {
            group.lock.lock();
            try {
                if (!group.gone()) {
                    expireLocked(key.stream, group);
                    forgetIfEmpty(key.stream, group);
                }
            } catch (RuntimeException e) {
                failures.add(e);
            } finally {
                group.lock.unlock();
            }
        });
        if (!failures.isEmpty()) {
            throw failures.getFirst();
        }
    }

    private void expireLocked(Resource stream, Group group) {
        SequencedSet<String> alive = group.alive(clock.millis());
        if (alive.size() == group.roster().assigned().size()) {
            return;
        }
        try {
            group.become(begin(stream, group, alive, Optional.empty()).roster);
        } catch (BrokerException e) {
            if (e.kind() != Kind.NOT_FOUND) {
                throw e;
            }
            forget(stream, group);
        }
    }

    /**
     * Notes how far a member is.
     *
     * @throws BrokerException REFUSED if it is none in this generation, has not all these partitions, or goes back; OUT_OF_RANGE past the end
     */
    public void commit(Resource stream, String group, String member, long generation, List<Position> offsets) {
        Group there = find(stream, group, member);
        if (!there.alive(member, clock.millis())) {
            locked(stream, group, member, found -> found);
        }
        there.requireCurrent(member, generation);
        List<Integer> assigned = there.roster().of(member);
        for (Position position : offsets) {
            Partitions.id(stream, position.partition());
            if (!assigned.contains(position.partition())) {
                throw new BrokerException(
                        Kind.REFUSED,
                        "broker.partition_not_assigned",
                        "partition " + position.partition() + " is not assigned to \"" + member + "\" in generation "
                                + generation);
            }
        }
        offsets.forEach(Groups::requireNote);
        store.read(view -> {
            offsets.forEach(position ->
                    partitions.reader(view, stream, position.partition()).resolve(new Start.At(position.offset())));
            return there;
        });
        // A few bytes, let through when the store is full: retention that waits until records are consumed makes room
        // only if groups go on.
        store.free(stream.durability(), change -> {
            // Another generation may have begun since the first look; its number is written before anybody has it.
            long current = Committed.generation(change, stream.id(), group).orElse(generation + 1);
            if (current != generation) {
                throw there.stale(member, generation, current);
            }
            for (Position position : offsets) {
                long before = Committed.offset(change, stream.id(), group, position.partition());
                if (position.offset() < before) {
                    throw new BrokerException(
                            Kind.REFUSED,
                            "broker.commit_backwards",
                            "offset " + position.offset() + " of partition " + position.partition() + " lies before "
                                    + before + ", which the group \"" + group
                                    + "\" has committed; reset the group to go back");
                }
            }
            partitions.tail(change, stream, 0).requireThere();
            long now = clock.millis();
            offsets.forEach(position -> Committed.put(change, stream.id(), group, position, now));
            return there;
        });
    }

    /**
     * Sets what a group without members has committed.
     *
     * @param starts by partition; those that are not there stay
     */
    public List<Position> reset(Resource stream, String group, SortedMap<Integer, Start> starts) {
        return withoutMembers(
                stream,
                group,
                there -> store.free(Durability.FSYNC, change -> {
                    requireGroup(change, stream, group);
                    SortedMap<Integer, Long> to = new TreeMap<>();
                    starts.forEach((partition, start) -> to.put(
                            partition,
                            partitions.reader(change, stream, partition).resolve(start)));
                    long now = clock.millis();
                    to.forEach((partition, offset) ->
                            Committed.put(change, stream.id(), group, new Position(partition, offset), now));
                    return positions(change, stream, group);
                }));
    }

    /** Forgets a group without members. */
    public void delete(Resource stream, String group) {
        withoutMembers(stream, group, there -> {
            store.free(Durability.FSYNC, change -> {
                requireGroup(change, stream, group);
                partitions.tail(change, stream, 0).requireThere();
                Committed.remove(change, stream.id(), group, stream.stream().partitions());
                return there;
            });
            forget(stream, there);
            return there;
        });
    }

    /** What there is of groups. */
    List<GroupDescription> describe(View view, Resource stream, List<PartitionDescription> of) {
        List<GroupDescription> described = new ArrayList<>();
        Committed.generations(view, stream.id()).forEach((name, generation) -> {
            List<GroupDescription.Progress> progress = new ArrayList<>();
            for (PartitionDescription partition : of) {
                Position committed = Committed.position(view, stream.id(), name, partition.partition());
                long from = Math.max(committed.offset(), partition.earliestOffset());
                progress.add(new GroupDescription.Progress(committed, Math.max(0, partition.endOffset() - from)));
            }
            Group there = groups.get(new GroupKey(stream, name));
            SortedMap<String, List<Integer>> members = new TreeMap<>();
            if (there != null) {
                members.putAll(there.roster().assigned());
            }
            described.add(new GroupDescription(name, generation, members, progress));
        });
        return described;
    }

    /** What a group has committed of partitions. */
    long committed(View view, Resource stream, String group, int partition) {
        return Committed.offset(view, stream.id(), group, partition);
    }

    /** @throws BrokerException if there is no such group in memory, so no such member */
    Group find(Resource stream, String group, String member) {
        requireName("group", group);
        requireName("member_id", member);
        Group there = groups.get(new GroupKey(stream, group));
        if (there != null) {
            return there;
        }
        store.read(view -> requireGroup(view, stream, group));
        throw new Group(group, 0).unknown(member);
    }

    void removeIn(Change change, Resource stream) {
        Committed.removeAll(change, stream.id());
    }

    /** Once a stream is gone. */
    void forgetAll(Resource stream) {
        groups.forEach((key, group) -> {
            if (key.stream.id() == stream.id()) {
                forget(key.stream, group);
            }
        });
    }

    private void forgetIfEmpty(Resource stream, Group group) {
        if (group.roster().assigned().isEmpty()) {
            forget(stream, group);
        }
    }

    private void forget(Resource stream, Group group) {
        group.forget();
        groups.remove(new GroupKey(stream, group.name()), group);
    }

    /** Does something with a group in which this is a member whose lease has not ended. */
    private <R> R locked(Resource stream, String group, String member, Function<Group, R> action) {
        long arrived = clock.millis();
        Group there = find(stream, group, member);
        if (there.alive(member, arrived)) {
            // It came in time, however long it waits for the lock.
            there.renew(member, arrived);
        }
        there.lock.lock();
        try {
            if (!there.gone()) {
                expireLocked(stream, there);
            }
            if (there.gone() || !there.roster().has(member)) {
                throw there.unknown(member);
            }
            return action.apply(there);
        } finally {
            there.lock.unlock();
        }
    }

    private <R> R withoutMembers(Resource stream, String group, Function<Group, R> action) {
        requireName("group", group);
        store.read(view -> requireGroup(view, stream, group));
        while (true) {
            Group there = groups.computeIfAbsent(new GroupKey(stream, group), _ -> new Group(group, 0));
            there.lock.lock();
            try {
                if (there.gone()) {
                    continue;
                }
                expireLocked(stream, there);
                int members = there.roster().assigned().size();
                if (members > 0) {
                    throw new BrokerException(
                            Kind.REFUSED,
                            "broker.group_not_empty",
                            "the group \"" + group + "\" has " + members
                                    + " members; stop them, or wait until their leases end");
                }
                return action.apply(there);
            } finally {
                there.lock.unlock();
            }
        }
    }

    private record Begun(Roster roster, List<Position> committed) {}

    /** Begins a generation, on disk. @param start where the group begins if there is none; empty if there must be one */
    private Begun begin(Resource stream, Group group, SequencedSet<String> members, Optional<Start> start) {
        SequencedSet<String> all = new LinkedHashSet<>(members);
        // As a commit: members that cannot begin a generation cannot commit what would make room.
        return store.free(Durability.FSYNC, change -> {
            OptionalLong last = Committed.generation(change, stream.id(), group.name());
            if (last.isEmpty()) {
                make(change, stream, group.name(), start);
            }
            long generation = last.orElse(0) + 1;
            partitions.tail(change, stream, 0).requireThere();
            Committed.putGeneration(change, stream.id(), group.name(), generation);
            return new Begun(
                    group.roster().next(generation, all, stream.stream().partitions()),
                    positions(change, stream, group.name()));
        });
    }

    private void make(Change change, Resource stream, String group, Optional<Start> start) {
        if (start.isEmpty()) {
            throw noGroup(stream, group);
        }
        if (Committed.generations(change, stream.id()).size() >= GROUPS_MAX) {
            throw new BrokerException(
                    Kind.EXHAUSTED,
                    "broker.groups_too_many",
                    stream.name() + " has " + GROUPS_MAX + " groups, which is the most there can be; delete some");
        }
        long now = clock.millis();
        for (int partition = 0; partition < stream.stream().partitions(); partition++) {
            long offset = partitions.reader(change, stream, partition).resolve(start.get());
            Committed.put(change, stream.id(), group, new Position(partition, offset), now);
        }
    }

    private static List<Position> positions(View view, Resource stream, String group) {
        List<Position> positions = new ArrayList<>();
        for (int partition = 0; partition < stream.stream().partitions(); partition++) {
            positions.add(Committed.position(view, stream.id(), group, partition));
        }
        return positions;
    }

    private static Membership membership(Roster roster, String member, List<Position> committed) {
        List<Integer> own = roster.of(member);
        return new Membership(
                member,
                roster.generation(),
                committed.stream()
                        .filter(position -> own.contains(position.partition()))
                        .toList());
    }

    private static long requireGroup(View view, Resource stream, String group) {
        return Committed.generation(view, stream.id(), group).orElseThrow(() -> noGroup(stream, group));
    }

    private static BrokerException noGroup(Resource stream, String group) {
        return new BrokerException(
                Kind.NOT_FOUND, "broker.group_not_found", stream.name() + " has no group \"" + group + "\"");
    }

    private static void requireNote(Position position) {
        if (position.note().length() > NOTE_CHARS_MAX) {
            throw new BrokerException(
                    Kind.INVALID,
                    "broker.note_too_large",
                    "the note of partition " + position.partition() + " has "
                            + position.note().length() + " characters; it can have " + NOTE_CHARS_MAX);
        }
    }

    private static void requireName(String what, String name) {
        if (!NAME.matcher(name).matches()) {
            throw new BrokerException(
                    Kind.INVALID,
                    "broker." + what + "_invalid",
                    what
                            + " must have 1 to 100 letters, digits, '.', '_' or '-', of which the first is a letter or digit");
        }
    }
}
