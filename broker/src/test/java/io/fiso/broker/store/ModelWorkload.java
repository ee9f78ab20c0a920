// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fiso.broker.BrokerException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Writes to a few tables and remembers, in the order of the commits, what each did. The number of the last write is in the store too: so it is known which
 * state must be there, and that one is compared byte for byte.
 */
final class ModelWorkload implements Workload {
    private static final String NUMBER = "number";
    private static final List<String> TABLES = List.of("a", "b", "c", "d");
    private static final String SHARED = "shared";

    /** What every commit did to the model, and how sure it is. */
    private static final class Commit {
        final List<Consumer<TreeMap<String, String>>> effects = new ArrayList<>();
        int last;
        boolean acknowledged;
        boolean durable;
    }

    private final List<Commit> commits = new ArrayList<>();
    private TreeMap<String, String> state = new TreeMap<>();
    private TreeMap<String, String> base = new TreeMap<>();
    private int baseNumber;
    private int number;
    private boolean readOnly;

    private record Planned(
            Write<String> write,
            List<Consumer<TreeMap<String, String>>> effects,
            boolean throwing,
            Durability promised) {}

    @Override
    public void step(SimulatedStore.Opened opened, SimulatedDisk disk, Random chance) {
        if (chance.nextInt(30) == 0) {
            collectGarbage(opened, disk);
        }
        Set<String> dropped = new HashSet<>();
        List<Planned> plans = new ArrayList<>();
        Commit commit = new Commit();
        for (int i = 1 + chance.nextInt(chance.nextInt(3) == 0 ? 6 : 1); i > 0; i--) {
            plans.add(plan(chance, dropped, opened.together().skipsSyncOfDrops()));
        }
        List<Write<?>> writes = new ArrayList<>();
        plans.forEach(plan -> writes.add(plan.write()));
        try {
            opened.together().commit(writes);
        } catch (SimulatedDisk.Crash | RuntimeException e) {
            if (!disk.isDead()) {
                throw e;
            }
        }
        judge(plans, commit, disk);
        if (!disk.isDead() && (readOnly || chance.nextInt(4) == 0)) {
            assertState(opened.store(), "while it is open");
        }
    }

    private void collectGarbage(SimulatedStore.Opened opened, SimulatedDisk disk) {
        try {
            opened.together().collectGarbage();
        } catch (SimulatedDisk.Crash | RuntimeException _) {
            // It changes nothing, whether it comes to its end or not; but it may meet the first error of the disk.
            disk.room(Long.MAX_VALUE);
        }
        readOnly |= !disk.isDead() && disk.takeFailures() > 0;
    }

    private void judge(List<Planned> plans, Commit commit, SimulatedDisk disk) {
        boolean unknown = false;
        boolean full = false;
        for (Planned plan : plans) {
            String answer = disk.isDead() ? "unknown" : answer(plan);
            switch (answer) {
                case "ok" -> {
                    check(!readOnly, "a write passed after the disk had failed");
                    commit.acknowledged = true;
                    commit.durable |= plan.promised() == Durability.FSYNC;
                    commit.effects.addAll(plan.effects());
                }
                case "broker.store_read_only" -> {
                    unknown |= !readOnly;
                    commit.effects.addAll(readOnly ? List.of() : plan.throwing() ? List.of() : plan.effects());
                }
                case "broker.disk_full" -> full = true;
                case "unknown" -> {
                    unknown = true;
                    commit.effects.addAll(plan.throwing() ? List.of() : plan.effects());
                }
                default -> check(plan.throwing(), "a write that does not throw was answered with " + answer);
            }
        }
        readOnly |= unknown && !disk.isDead();
        commit.last = number;
        check(!commit.acknowledged || !unknown && !full, "one commit, two outcomes");
        if (commit.acknowledged) {
            commit.effects.forEach(effect -> effect.accept(state));
        }
        if (!commit.effects.isEmpty()) {
            commits.add(commit);
        }
        if (full) {
            disk.room(Long.MAX_VALUE);
        }
    }

    private static String answer(Planned plan) {
        try {
            plan.write().result();
            return "ok";
        } catch (BrokerException e) {
            return e.code();
        } catch (IllegalStateException e) {
            return "threw";
        }
    }

    private Planned plan(Random chance, Set<String> dropped, boolean skipSyncOfDrops) {
        int mine = ++number;
        boolean throwing = chance.nextInt(12) == 0;
        List<Consumer<Change>> changes = new ArrayList<>();
        List<Consumer<TreeMap<String, String>>> effects = new ArrayList<>();
        boolean drops = false;
        for (int i = 1 + chance.nextInt(4); i > 0; i--) {
            String table = TABLES.get(chance.nextInt(TABLES.size()));
            String key = "k" + chance.nextInt(12);
            int what = chance.nextInt(20);
            if (what == 0 && !throwing) {
                drops = true;
                dropped.add(table);
                changes.add(change -> change.drop(table));
                effects.add(model -> model.keySet().removeIf(name -> name.startsWith(table + "/")));
            } else if (dropped.contains(table)) {
                continue;
            } else if (what < 6) {
                changes.add(change -> change.delete(table, key.getBytes(UTF_8)));
                effects.add(model -> model.remove(table + "/" + key));
            } else if (what < 9) {
                changes.add(change -> change.shared(SHARED, Shared::new).numbers.add(mine));
                effects.add(model -> model.merge(SHARED + "/all", "," + mine, String::concat));
            } else {
                String value =
                        mine + "-" + "x".repeat(chance.nextInt(15) == 0 ? chance.nextInt(9_000) : chance.nextInt(120));
                changes.add(change -> change.put(table, key.getBytes(UTF_8), value.getBytes(UTF_8)));
                effects.add(model -> model.put(table + "/" + key, value));
            }
        }
        changes.add(change -> change.put(
                NUMBER, NUMBER.getBytes(UTF_8), Integer.toString(mine).getBytes(UTF_8)));
        effects.add(model -> model.put(NUMBER + "/" + NUMBER, Integer.toString(mine)));
        Durability durability = Durability.values()[chance.nextInt(3)];
        Durability used = drops && skipSyncOfDrops ? Durability.OS : durability;
        Write<String> write = new Write<>(used, false, change -> {
            changes.forEach(each -> each.accept(change));
            if (throwing) {
                throw new IllegalStateException("it throws");
            }
            return "";
        });
        return new Planned(write, effects, throwing, durability);
    }

    private static final class Shared implements Change.Shared {
        private final List<Integer> numbers = new ArrayList<>();

        @Override
        public void write(Change change) {
            byte[] before = change.get(SHARED, "all".getBytes(UTF_8));
            StringBuilder all = new StringBuilder(before == null ? "" : new String(before, UTF_8));
            numbers.forEach(each -> all.append(',').append(each));
            change.put(SHARED, "all".getBytes(UTF_8), all.toString().getBytes(UTF_8));
        }
    }

    @Override
    public void check(Store store, boolean powerLost) {
        TreeMap<String, String> found = read(store);
        int last = Integer.parseInt(found.getOrDefault(NUMBER + "/" + NUMBER, "0"));
        TreeMap<String, String> expected = base;
        boolean known = last == baseNumber;
        for (int i = 0; i < commits.size(); i++) {
            Commit commit = commits.get(i);
            if (numberOf(expected) == last && known) {
                // This and all later ones are gone: none of them may have been promised.
                boolean promisedToStay = commits.subList(i, commits.size()).stream()
                        .anyMatch(gone -> gone.acknowledged && (gone.durable || !powerLost));
                check(!promisedToStay, "an acknowledged write is gone; the last that is there is " + last);
                break;
            }
            commit.effects.forEach(effect -> effect.accept(expected));
            known |= numberOf(expected) == last;
        }
        check(known, "there is half a commit: the last write is " + last);
        if (!found.equals(expected)) {
            check(false, "expected " + expected + " but found " + found);
        }
        state = found;
        base = new TreeMap<>(found);
        baseNumber = last;
        commits.clear();
        readOnly = false;
    }

    private static int numberOf(Map<String, String> model) {
        return Integer.parseInt(model.getOrDefault(NUMBER + "/" + NUMBER, "0"));
    }

    private void assertState(Store store, String when) {
        TreeMap<String, String> found = read(store);
        if (!found.equals(state)) {
            check(false, when + ": expected " + state + " but found " + found);
        }
    }

    static TreeMap<String, String> read(Store store) {
        TreeMap<String, String> found = new TreeMap<>();
        List<String> tables = new ArrayList<>(TABLES);
        tables.add(SHARED);
        tables.add(NUMBER);
        store.read(view -> {
            for (String table : tables) {
                view.scan(table, null, entry -> {
                    found.put(table + "/" + new String(entry.key(), UTF_8), new String(entry.value(), UTF_8));
                    return true;
                });
            }
            return "";
        });
        return found;
    }

    private static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise.length() > 2_000 ? otherwise.substring(0, 2_000) + "…" : otherwise);
        }
    }
}
