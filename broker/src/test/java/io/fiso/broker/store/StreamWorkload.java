// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import io.fiso.broker.catalogue.Catalogue;
import io.fiso.broker.catalogue.Resource;
import io.fiso.broker.catalogue.ResourceName;
import io.fiso.broker.catalogue.Settings;
import io.fiso.broker.catalogue.Settings.Retention;
import io.fiso.broker.stream.Appended;
import io.fiso.broker.stream.GroupDescription;
import io.fiso.broker.stream.KeptRecord;
import io.fiso.broker.stream.Membership;
import io.fiso.broker.stream.PartitionDescription;
import io.fiso.broker.stream.Position;
import io.fiso.broker.stream.Slice;
import io.fiso.broker.stream.Start;
import io.fiso.broker.stream.StreamDescription;
import io.fiso.broker.stream.Streams;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A stream with a consumer group. */
final class StreamWorkload extends PrimitiveWorkload {
    private static final ResourceName ORDERS = ResourceName.parse("default/shop/streams/orders");
    private static final String GROUP = "billing";
    /** Joins once, and commits nothing. */
    private static final String SLOW_GROUP = "audit";

    private static final int PARTITIONS = 2;
    private static final Duration LEASE = Duration.ofMinutes(1);
    private static final long AGE_MAX_MILLIS = 60_000;
    private static final int RECORDS_MAX = 20;
    private static final int FORMER_KEPT = 20;
    private static final Set<String> NOT_A_MEMBER = Set.of(
            "broker.member_unknown",
            "broker.group_not_found",
            "broker.generation_stale",
            "broker.partition_not_assigned",
            "broker.offset_before_earliest");

    private final List<List<SentRecord>> records = List.of(new ArrayList<>(), new ArrayList<>());
    private final long[] earliest = new long[PARTITIONS];

    private final long[] committed = new long[PARTITIONS];
    private boolean grouped;
    private long generation;
    private int batches;
    private Retention retention = Retention.FOREVER;
    private @Nullable Membership member;
    /** Until when its lease surely lasts. */
    private long memberUntil;

    /** What members had in generations that are over. */
    private final List<Membership> former = new ArrayList<>();

    /** Where the slow group stands, if there is one. */
    private @Nullable SortedMap<Integer, Long> slow;

    private Store store;
    private Streams streams;

    /** What may have been done, or not, when the store went. */
    private final List<Map<Integer, List<SentRecord>>> openAppends = new ArrayList<>();

    /** By partition. */
    private SortedMap<Integer, Long> openOffsets = new TreeMap<>();

    private boolean openForgetting;
    private boolean openSlow;

    private final StreamTables tables = new StreamTables();

    StreamWorkload(Durability durability, Happened happened) {
        super(ORDERS, durability, happened);
    }

    @Override
    Settings settings(Random chance) {
        // Only what may be dropped by its age or number is put into segments that are small enough.
        boolean byAge = chance.nextBoolean();
        boolean byCount = !byAge && chance.nextInt(3) > 0;
        retention = new Retention(
                byAge ? Optional.of(Duration.ofMillis(AGE_MAX_MILLIS)) : Optional.empty(),
                OptionalLong.empty(),
                byCount ? OptionalLong.of(RECORDS_MAX) : OptionalLong.empty(),
                (byAge || byCount) && chance.nextBoolean());
        return new Settings.Stream(PARTITIONS, retention);
    }

    @Override
    void begin(Store store, Catalogue catalogue) {
        this.store = store;
        streams = new Streams(store, catalogue, time);
        leaveBehind();
    }

    @Override
    void act(SimulatedStore.Opened opened, SimulatedDisk disk, Random chance) {
        int what = chance.nextInt(28);
        if (what < 9) {
            append(opened, disk, chance);
        } else if (what < 11) {
            attempt(disk, this::readAll);
        } else if (what < 13 || member == null) {
            join(disk, chance);
        } else if (what < 16) {
            commit(disk, chance);
        } else if (what < 17) {
            leave(disk);
        } else if (what < 19) {
            boolean had = member != null;
            if (withoutMembers(disk, chance.nextBoolean())) {
                reset(disk, had, chance);
            }
        } else if (what == 19) {
            if (chance.nextInt(3) == 0 && withoutMembers(disk, chance.nextBoolean())) {
                forget(disk);
            }
        } else if (what < 22) {
            commitWrongly(disk, member, chance);
        } else if (what == 22) {
            commitAsFormer(disk, chance);
        } else if (what == 23) {
            changeUnderMembers(disk, chance);
        } else if (what == 24) {
            joinSlowly(disk);
        } else {
            time.advanceMillis(chance.nextInt(30_000));
            if (attempt(disk, streams::retain).result() instanceof Integer segments && segments > 0) {
                happened.count("segments dropped");
            }
            if (chance.nextInt(3) == 0) {
                expire(disk);
            }
        }
    }

    private void append(SimulatedStore.Opened opened, SimulatedDisk disk, Random chance) {
        List<Map<Integer, List<SentRecord>>> batch = new ArrayList<>();
        List<Write<List<Appended>>> writes = new ArrayList<>();
        for (int i = 1 + chance.nextInt(chance.nextInt(2) == 0 ? 4 : 1); i > 0; i--) {
            Map<Integer, List<SentRecord>> each = SentRecord.batch(++batches, PARTITIONS, time.millis(), chance);
            batch.add(each);
            writes.add(new Write<>(stream().durability(), false, change -> {
                List<Appended> appended = new ArrayList<>();
                each.forEach((partition, kept) -> appended.addAll(
                        streams.appendIn(change, ORDERS, OptionalInt.of(partition), SentRecord.toAppend(kept))));
                return appended;
            }));
        }
        boolean wasReadOnly = isReadOnly();
        if (batch.size() == 1 && batch.getFirst().size() == 1) {
            batch.getFirst()
                    .forEach((partition, kept) -> note(
                            attempt(
                                    disk,
                                    () -> streams.append(ORDERS, OptionalInt.of(partition), SentRecord.toAppend(kept))),
                            batch.getFirst()));
            return;
        }
        attempt(disk, () -> {
            opened.together().commit(new ArrayList<>(writes));
            return true;
        });
        for (int i = 0; i < writes.size(); i++) {
            Write<List<Appended>> write = writes.get(i);
            note(attempt(disk, wasReadOnly, () -> resultOf(write, disk)), batch.get(i));
        }
    }

    /** A crash may have come before the write was told anything. */
    private static List<Appended> resultOf(Write<List<Appended>> write, SimulatedDisk disk) {
        if (disk.isDead()) {
            throw new SimulatedDisk.Crash();
        }
        return write.result();
    }

    private void note(Answered<List<Appended>> answered, Map<Integer, List<SentRecord>> batch) {
        if (answered.isUnknown()) {
            openAppends.add(batch);
        } else if (answered.isDone()) {
            happened.count("appends acknowledged");
            check(openAppends.isEmpty(), "an append passed after one of which nothing is known");
            List<Appended> expected = new ArrayList<>();
            batch.forEach((partition, kept) -> {
                List<SentRecord> all = records.get(partition);
                expected.add(new Appended(partition, all.size(), kept.size()));
                all.addAll(kept);
            });
            check(
                    expected.equals(answered.result()),
                    () -> "appended at " + answered.result() + " instead of " + expected);
        } else {
            check(
                    Set.of("", "broker.disk_full", "broker.store_read_only", "broker.value_too_large")
                            .contains(answered.code()),
                    "an append was refused with " + answered.code());
        }
    }

    private void join(SimulatedDisk disk, Random chance) {
        String id = "m" + chance.nextInt(2);
        Start start = grouped ? new Start.Latest() : new Start.Earliest();
        Answered<Membership> answered =
                attempt(disk, () -> streams.groups().join(stream(), GROUP, Optional.of(id), LEASE, start));
        Membership joined = answered.result();
        if (joined != null) {
            happened.count("joins acknowledged");
            check(
                    joined.generation() > generation,
                    "generation " + joined.generation() + " was given after " + generation);
            for (Position position : joined.assigned()) {
                if (grouped) {
                    check(
                            position.offset() == committed[position.partition()],
                            "a member begins at " + position + ", but committed is " + committed[position.partition()]);
                }
                committed[position.partition()] = position.offset();
            }
            grouped = true;
            generation = joined.generation();
            leaveBehind();
            member = joined;
            memberUntil = time.millis() + LEASE.toMillis();
        }
    }

    private void commit(SimulatedDisk disk, Random chance) {
        Membership who = member;
        if (who == null || who.assigned().isEmpty()) {
            return;
        }
        int partition =
                who.assigned().get(chance.nextInt(who.assigned().size())).partition();
        int end = records.get(partition).size();
        Position to = new Position(
                partition, committed[partition] + chance.nextLong(Math.max(1, end - committed[partition] + 1)));
        Answered<Boolean> answered = attempt(disk, () -> {
            streams.groups().commit(stream(), GROUP, who.member(), who.generation(), List.of(to));
            return true;
        });
        if (answered.isDone()) {
            happened.count("offsets acknowledged");
            committed[partition] = to.offset();
        } else if (answered.isUnknown()) {
            openOffsets = new TreeMap<>(Map.of(partition, to.offset()));
        } else if (NOT_A_MEMBER.contains(answered.code())) {
            leaveBehind();
        } else {
            check(
                    Set.of("", "broker.disk_full", "broker.store_read_only").contains(answered.code()),
                    "a commit of " + to + " was refused with " + answered.code());
        }
    }

    /** Back, or of a partition that is somebody else's. */
    private void commitWrongly(SimulatedDisk disk, Membership who, Random chance) {
        int partition = chance.nextInt(PARTITIONS);
        boolean own = who.assigned().stream().anyMatch(position -> position.partition() == partition);
        if (own && committed[partition] == 0) {
            return;
        }
        long to = own ? chance.nextLong(committed[partition]) : committed[partition];
        Answered<Boolean> answered = commit(disk, who, new Position(partition, to));
        check(
                !answered.isDone(),
                "an offset was committed that lies before the last, or of another member's partition");
        happened.count("wrong offsets refused");
    }

    /** Whoever was a member in a generation that is over commits nothing. */
    private void commitAsFormer(SimulatedDisk disk, Random chance) {
        if (former.isEmpty()) {
            return;
        }
        Membership who = former.get(chance.nextInt(former.size()));
        int partition = chance.nextInt(PARTITIONS);
        long to = Math.min(committed[partition] + 1, records.get(partition).size());
        Answered<Boolean> answered = commit(disk, who, new Position(partition, to));
        check(!answered.isDone(), () -> "an offset was committed by " + who + ", whose generation is over");
        happened.count("former members refused");
    }

    private Answered<Boolean> commit(SimulatedDisk disk, Membership who, Position to) {
        return attempt(disk, () -> {
            streams.groups().commit(stream(), GROUP, who.member(), who.generation(), List.of(to));
            return true;
        });
    }

    /** Neither is done as long as there are any. */
    private void changeUnderMembers(SimulatedDisk disk, Random chance) {
        if (time.millis() >= memberUntil) {
            return;
        }
        Answered<Boolean> answered = attempt(disk, () -> {
            if (chance.nextBoolean()) {
                streams.groups().delete(stream(), GROUP);
            } else {
                streams.groups().reset(stream(), GROUP, new TreeMap<>(Map.of(0, new Start.Latest())));
            }
            return true;
        });
        check(!answered.isDone(), "a group was changed that has members");
        happened.count("changes under members refused");
    }

    private void joinSlowly(SimulatedDisk disk) {
        if (slow != null || !retention.untilConsumed()) {
            return;
        }
        Answered<Membership> answered = attempt(
                disk,
                () -> streams.groups().join(stream(), SLOW_GROUP, Optional.of("auditor"), LEASE, new Start.Earliest()));
        openSlow |= answered.isUnknown();
        if (answered.result() != null) {
            slow = new TreeMap<>();
            answered.result().assigned().forEach(position -> slow.put(position.partition(), position.offset()));
            happened.count("second groups");
        }
    }

    /** The member is none any more. */
    private void leaveBehind() {
        if (member != null) {
            former.add(member);
            if (former.size() > FORMER_KEPT) {
                former.removeFirst();
            }
            member = null;
        }
    }

    private void leave(SimulatedDisk disk) {
        Membership who = member;
        if (who != null) {
            leaveBehind();
            Answered<Boolean> left = attempt(disk, () -> {
                streams.groups().leave(stream(), GROUP, who.member());
                return true;
            });
            if (left.isDone()) {
                checkGenerationBegan(disk, "somebody left");
            }
        }
    }

    /** A later one than any that was told. */
    private void checkGenerationBegan(SimulatedDisk disk, String why) {
        attempt(disk, () -> {
            long now = described(streams.describe(ORDERS), GROUP).orElseThrow().generation();
            check(now > generation, () -> why + ", and generation " + generation + " goes on: it is " + now);
            generation = now;
            return true;
        });
    }

    private static Optional<GroupDescription> described(StreamDescription description, String name) {
        return description.groups().stream()
                .filter(group -> group.group().equals(name))
                .findFirst();
    }

    private boolean expire(SimulatedDisk disk) {
        return attempt(disk, () -> {
                    streams.groups().expire();
                    return true;
                })
                .isDone();
    }

    /** Whether all members are known to be gone; and what retention has taken, so that it may take no more by what is committed then. */
    private boolean withoutMembers(SimulatedDisk disk, boolean expire) {
        leaveBehind();
        time.advanceMillis(LEASE.toMillis() + 1_000);
        return grouped
                && (!expire || expire(disk))
                && attempt(disk, this::readAll).isDone();
    }

    private void reset(SimulatedDisk disk, boolean hadMembers, Random chance) {
        SortedMap<Integer, Start> starts = new TreeMap<>();
        SortedMap<Integer, Long> offsets = new TreeMap<>();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            long offset = chance.nextInt(records.get(partition).size() + 1);
            starts.put(partition, new Start.At(offset));
            offsets.put(partition, offset);
        }
        Answered<List<Position>> answered = attempt(disk, () -> streams.groups().reset(stream(), GROUP, starts));
        if (answered.isDone()) {
            happened.count("groups reset");
            offsets.forEach((partition, offset) -> committed[partition] = offset);
            if (hadMembers) {
                checkGenerationBegan(disk, "the leases of all members are over");
            }
        } else if (answered.isUnknown()) {
            openOffsets = offsets;
        } else {
            checkRefused(answered, "a reset");
        }
    }

    private void forget(SimulatedDisk disk) {
        Answered<Boolean> answered = attempt(disk, () -> {
            streams.groups().delete(stream(), GROUP);
            return true;
        });
        if (answered.isDone()) {
            happened.count("groups deleted");
            forgotten();
        } else if (answered.isUnknown()) {
            openForgetting = true;
        } else {
            checkRefused(answered, "the deletion of a group");
        }
    }

    private static void checkRefused(Answered<?> answered, String what) {
        check(
                Set.of("", "broker.disk_full", "broker.store_read_only").contains(answered.code()),
                what + " was refused with " + answered.code());
    }

    /** There is no group any more; one of that name begins anew. */
    private void forgotten() {
        grouped = false;
        generation = 0;
        member = null;
        former.clear();
        Arrays.fill(committed, 0);
    }

    @Override
    void removeIn(Change change, Resource resource) {
        streams.removeIn(change, resource);
    }

    @Override
    void removed() {
        records.forEach(List::clear);
        Arrays.fill(earliest, 0);
        forgotten();
        slow = null;
        openAppends.clear();
        openOffsets.clear();
        openForgetting = false;
        openSlow = false;
    }

    @Override
    Set<String> tablesOf(long number) {
        return tables.all(number);
    }

    private Resource stream() {
        return streams.require(ORDERS);
    }

    @Override
    void checkContent(Resource resource) {
        retention = resource.stream().retention();
        StreamDescription description = streams.describe(ORDERS);
        settleAppends(description);
        settleGroup(description);
        settleSlow(description);
        readAll();
        StreamTables.checkGroups(store, resource.id(), description.groups().size(), PARTITIONS);
    }

    private void settleSlow(StreamDescription description) {
        Optional<GroupDescription> found = described(description, SLOW_GROUP);
        check(found.isPresent() == (slow != null) || openSlow, "the slow group is gone, or back");
        found.ifPresent(group -> {
            SortedMap<Integer, Long> stands = new TreeMap<>();
            group.progress().forEach(progress -> stands.put(progress.partition(), progress.committedOffset()));
            check(slow == null || slow.equals(stands), () -> "the slow group stood at " + slow + ", and now " + stands);
            slow = stands;
        });
        openSlow = false;
    }

    /** Of the appends that were under way the first so many are there, each of them whole: those that were not committed together went one by one. */
    private void settleAppends(StreamDescription description) {
        List<Long> ends = description.partitions().stream()
                .map(PartitionDescription::endOffset)
                .toList();
        List<Long> before = ends();
        for (Map<Integer, List<SentRecord>> batch : openAppends) {
            if (ends.equals(ends())) {
                happened.count("appends gone that were not answered");
                break;
            }
            happened.count("appends there though not answered");
            batch.forEach((partition, kept) -> records.get(partition).addAll(kept));
        }
        check(
                ends.equals(ends()),
                () -> "the partitions ended at " + before + ", and may by now at " + ends() + ", but do at " + ends);
        openAppends.clear();
    }

    private List<Long> ends() {
        return records.stream().map(all -> (long) all.size()).toList();
    }

    private void settleGroup(StreamDescription description) {
        Optional<GroupDescription> found = described(description, GROUP);
        check(found.isPresent() || !grouped || openForgetting, "the group is gone");
        if (found.isEmpty()) {
            forgotten();
        }
        found.ifPresent(group -> {
            check(group.generation() >= generation, "generation " + group.generation() + " after " + generation);
            boolean all = true;
            boolean none = true;
            for (GroupDescription.Progress progress : group.progress()) {
                int partition = progress.partition();
                long offset = progress.committedOffset();
                all &= offset == openOffsets.getOrDefault(partition, committed[partition]);
                none &= offset == committed[partition];
                check(
                        !grouped || all || none,
                        "committed of partition " + partition + " is " + offset + ", not " + committed[partition]
                                + ", of " + openOffsets);
                committed[partition] = offset;
            }
            generation = group.generation();
            grouped = true;
        });
        openOffsets = new TreeMap<>();
        openForgetting = false;
    }

    /** What is kept is what was appended, and what is no longer kept retention may have taken. */
    private boolean readAll() {
        for (int partition = 0; partition < PARTITIONS; partition++) {
            List<SentRecord> all = records.get(partition);
            Slice slice = streams.read(ORDERS, partition, new Start.Earliest(), 1_000, 1 << 20, false);
            long first = slice.earliestOffset();
            check(slice.endOffset() == all.size(), () -> "the end is " + slice.endOffset() + ", not " + all.size());
            check(
                    first >= earliest[partition] && first <= all.size(),
                    "the earliest went from " + earliest[partition] + " to " + first);
            checkTaken(partition, first);
            earliest[partition] = first;
            long next = first;
            Slice read = slice;
            while (next < all.size()) {
                check(!read.records().isEmpty(), "nothing is read at " + next + " of " + all.size());
                for (KeptRecord record : read.records()) {
                    SentRecord expected = all.get((int) next);
                    check(record.offset() == next, "offset " + record.offset() + " comes where " + next + " should");
                    check(
                            record.payload().toStringUtf8().equals(expected.payload()),
                            () -> "at " + record.offset() + " is "
                                    + record.payload().toStringUtf8() + ", not " + expected.payload());
                    next++;
                }
                read = streams.read(ORDERS, partition, new Start.At(next), 1_000, 1 << 20, false);
            }
            check(read.nextOffset() == all.size(), "it goes on at " + read.nextOffset());
        }
        tables.checkSegments(store, stream().id());
        return true;
    }

    private void checkTaken(int partition, long first) {
        List<SentRecord> all = records.get(partition);
        for (long offset = earliest[partition]; offset < first; offset++) {
            boolean old = retention.ageMax().isPresent()
                    && time.millis() - all.get((int) offset).appendMillis() > AGE_MAX_MILLIS;
            boolean many = retention.partitionRecordsMax().isPresent() && all.size() - offset > RECORDS_MAX;
            boolean consumed = (grouped || slow != null)
                    && (!grouped || offset < committed[partition])
                    && (slow == null || offset < slow.get(partition));
            check(
                    retention.untilConsumed() ? consumed : old || many,
                    "offset " + offset + " is gone too early, with " + retention);
        }
    }
}
