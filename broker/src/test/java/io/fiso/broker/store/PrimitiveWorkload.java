// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import io.fiso.broker.BrokerException;
import io.fiso.broker.alarm.VirtualTime;
import io.fiso.broker.catalogue.Catalogue;
import io.fiso.broker.catalogue.Resource;
import io.fiso.broker.catalogue.ResourceName;
import io.fiso.broker.catalogue.Settings;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Uses one primitive as its callers do, and keeps in memory what it was answered. Of a call whose answer never came, or was that the disk has failed,
 * it is not known whether it has been done; after that no call is, until the store is opened again. So one call at most is open at a crash.
 */
abstract class PrimitiveWorkload implements Workload {
    /** How a call ended. */
    enum Answer {
        DONE,
        /** Nothing was done. */
        REFUSED,
        UNKNOWN
    }

    /** What a call answered. */
    record Answered<R>(Answer answer, @Nullable R result, String code) {
        boolean isDone() {
            return answer == Answer.DONE;
        }

        boolean isUnknown() {
            return answer == Answer.UNKNOWN;
        }
    }

    /** A call. */
    interface Call<R> {
        R call();
    }

    final VirtualTime time = new VirtualTime();
    final Happened happened;
    private final ResourceName name;
    private final Durability durability;
    private boolean created;
    private boolean openCreation;
    private boolean openRemoval;
    private boolean readOnly;
    private SimulatedStore.@Nullable Opened current;

    /** Numbers of the resources that there were. */
    private final Set<Long> numbers = new TreeSet<>();

    /** @param durability what the resource is made with; if it is not FSYNC, what is checked must turn out not to hold */
    PrimitiveWorkload(ResourceName name, Durability durability, Happened happened) {
        this.name = name;
        this.durability = durability;
        this.happened = happened;
    }

    @Override
    public final void step(SimulatedStore.Opened opened, SimulatedDisk disk, Random chance) {
        if (current != opened) {
            current = opened;
            time.forgetAlarms();
            begin(opened.store(), new Catalogue(opened.store(), time));
        }
        if (!created) {
            Catalogue catalogue = new Catalogue(opened.store(), time);
            Settings settings = settings(chance);
            Answered<Resource> made = attempt(disk, () -> catalogue.create(name, durability, settings));
            created = made.isDone();
            if (made.result() != null) {
                numbers.add(made.result().id());
            }
            openCreation |= made.isUnknown();
        } else if (chance.nextInt(30) == 0) {
            quietly(disk, opened.together()::collectGarbage);
        } else if (chance.nextInt(60) == 0) {
            remove(new Catalogue(opened.store(), time), disk);
        } else {
            act(opened, disk, chance);
        }
    }

    private void remove(Catalogue catalogue, SimulatedDisk disk) {
        if (!attempt(disk, this::beforeRemoval).isDone()) {
            return;
        }
        Answered<Boolean> answered = attempt(disk, () -> {
            catalogue.delete(name, this::removeIn);
            return true;
        });
        openRemoval |= answered.isUnknown();
        if (answered.isDone()) {
            happened.count("resources removed");
            created = false;
            removed();
        }
    }

    @Override
    public final void check(Store store, boolean powerLost) {
        time.forgetAlarms();
        Catalogue catalogue = new Catalogue(store, time);
        Optional<Resource> found = store.read(view -> catalogue.find(view, name));
        check(found.isPresent() || !created || openRemoval, "an acknowledged resource is gone");
        check(found.isEmpty() || created || openCreation, "a resource that was removed is back");
        if (found.isEmpty() && created) {
            happened.count("removals there though not answered");
            removed();
        }
        openCreation = false;
        openRemoval = false;
        readOnly = false;
        created = found.isPresent();
        begin(store, catalogue);
        found.ifPresent(resource -> {
            numbers.add(resource.id());
            checkContent(resource);
        });
        long number = found.map(Resource::id).orElse(0L);
        store.read(view -> {
            numbers.stream()
                    .filter(each -> each != number)
                    .forEach(each ->
                            KeptTables.checkNothing(view, tablesOf(each), "resource " + each + ", which was removed"));
            return true;
        });
    }

    abstract Settings settings(Random chance);

    /** Makes the engine anew. */
    abstract void begin(Store store, Catalogue catalogue);

    /** Makes one call, or a few that are committed together. */
    abstract void act(SimulatedStore.Opened opened, SimulatedDisk disk, Random chance);

    /** Finds out what it has to know of what there is, before all of that goes. */
    boolean beforeRemoval() {
        return true;
    }

    /** As the broker does: removes what the resource holds, within the commit that removes it. */
    abstract void removeIn(Change change, Resource resource);

    /** It is gone with what it held: one that is made in its place must be empty. */
    abstract void removed();

    /** The tables that the resource of this number had, or may have had. */
    abstract Set<String> tablesOf(long number);

    /** Compares what there is after a crash with what was answered, and takes it over. */
    abstract void checkContent(Resource resource);

    final boolean isReadOnly() {
        return readOnly;
    }

    final <R> Answered<R> attempt(SimulatedDisk disk, Call<R> call) {
        return attempt(disk, readOnly, call);
    }

    /** @param wasReadOnly whether the store took no writes when the call was made */
    final <R> Answered<R> attempt(SimulatedDisk disk, boolean wasReadOnly, Call<R> call) {
        Answer lost = wasReadOnly ? Answer.REFUSED : Answer.UNKNOWN;
        try {
            return new Answered<>(Answer.DONE, call.call(), "");
        } catch (SimulatedDisk.Crash | RuntimeException e) {
            if (disk.isDead()) {
                happened.count("calls cut off by a crash");
                return new Answered<>(lost, null, "");
            }
            if (!(e instanceof BrokerException refusal)) {
                throw e;
            }
            switch (refusal.code()) {
                case "broker.store_read_only" -> {
                    readOnly = true;
                    happened.count("calls refused after an error of the disk");
                    return new Answered<>(lost, null, refusal.code());
                }
                case "broker.disk_full" -> {
                    happened.count("calls refused by a full disk");
                    disk.room(Long.MAX_VALUE);
                    return new Answered<>(Answer.REFUSED, null, refusal.code());
                }
                default -> {
                    return new Answered<>(Answer.REFUSED, null, refusal.code());
                }
            }
        }
    }

    /** Does what no caller is answered for, and so may fail. */
    static void quietly(SimulatedDisk disk, Runnable upkeep) {
        try {
            upkeep.run();
        } catch (SimulatedDisk.Crash | RuntimeException _) {
            disk.room(Long.MAX_VALUE);
        }
    }

    static void check(boolean holds, String otherwise) {
        check(holds, () -> otherwise);
    }

    static void check(boolean holds, Supplier<String> otherwise) {
        if (!holds) {
            String all = otherwise.get();
            throw new AssertionError(all.length() > 2_000 ? all.substring(0, 2_000) + "…" : all);
        }
    }
}
