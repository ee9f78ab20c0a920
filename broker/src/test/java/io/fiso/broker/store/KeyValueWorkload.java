// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fiso.broker.BrokerException;
import io.fiso.broker.catalogue.Catalogue;
import io.fiso.broker.catalogue.Resource;
import io.fiso.broker.catalogue.ResourceName;
import io.fiso.broker.catalogue.Settings;
import io.fiso.broker.keyvalue.Condition;
import io.fiso.broker.keyvalue.Key;
import io.fiso.broker.keyvalue.KeyChange;
import io.fiso.broker.keyvalue.KeyEntry;
import io.fiso.broker.keyvalue.KeyFilter;
import io.fiso.broker.keyvalue.KeyPage;
import io.fiso.broker.keyvalue.KeyValues;
import io.fiso.broker.keyvalue.KeyWatch;
import io.fiso.broker.keyvalue.Life;
import io.fiso.broker.keyvalue.Operation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A key-value store. */
final class KeyValueWorkload extends PrimitiveWorkload {
    private static final ResourceName USERS = ResourceName.parse("default/shop/kv/users");
    private static final int KEYS = 12;
    /** Of a value whose revision was never answered. */
    private static final long NOT_ANSWERED = -1;

    private record Value(String text, long revision, long expires) {}

    private TreeMap<String, Value> values = new TreeMap<>();
    private long lastRevision;
    private int puts;
    private KeyValues keyValues;

    /** What was changed since the store was made, by revision; keys whose time was over are not in it. */
    private final TreeMap<Long, String> log = new TreeMap<>();

    /** As it is if the call was done of which nothing is known. */
    private @Nullable TreeMap<String, Value> open;

    KeyValueWorkload(Durability durability, Happened happened) {
        super(USERS, durability, happened);
    }

    @Override
    Settings settings(Random chance) {
        return new Settings.KeyValue(Optional.empty());
    }

    @Override
    void begin(Store store, Catalogue catalogue) {
        keyValues = new KeyValues(store, catalogue, time, time);
        keyValues.start();
    }

    @Override
    void act(SimulatedStore.Opened opened, SimulatedDisk disk, Random chance) {
        int what = chance.nextInt(11);
        if (what == 10) {
            if (open == null) {
                attempt(disk, () -> watch(false));
            }
        } else if (what == 0) {
            quietly(disk, () -> time.advanceMillis(chance.nextInt(2_000)));
        } else if (what == 1) {
            attempt(disk, () -> {
                compare(values, read());
                return true;
            });
        } else {
            change(disk, chance);
        }
    }

    private void change(SimulatedDisk disk, Random chance) {
        List<Operation> operations = new ArrayList<>();
        TreeMap<String, Value> after = alive();
        boolean holds = true;
        Set<String> used = new HashSet<>();
        for (int i = 1 + chance.nextInt(chance.nextInt(3) == 0 ? 5 : 1); i > 0; i--) {
            String key = "k" + chance.nextInt(KEYS);
            if (!used.add(key)) {
                continue;
            }
            Value there = after.get(key);
            Condition condition = condition(chance, there);
            holds &= switch (condition) {
                case Condition.None _ -> true;
                case Condition.Absent _ -> there == null;
                case Condition.Revision(long revision) -> there != null && there.revision() == revision;
            };
            if (chance.nextInt(3) == 0) {
                operations.add(new Operation.Delete(new Key(key), condition));
                after.remove(key);
            } else {
                int padding = chance.nextInt(8) == 0 ? chance.nextInt(9_000) : chance.nextInt(100);
                String text = ++puts + "/" + "x".repeat(padding);
                long ttl = chance.nextInt(3) == 0 ? 1 + chance.nextInt(5_000) : 0;
                Life life = ttl == 0 ? new Life.Forever() : new Life.For(Duration.ofMillis(ttl));
                operations.add(new Operation.Put(new Key(key), text.getBytes(UTF_8), life, condition));
                after.put(key, new Value(text, NOT_ANSWERED, ttl == 0 ? 0 : time.millis() + ttl));
            }
        }
        note(attempt(disk, () -> keyValues.change(USERS, operations)), operations, after, holds);
    }

    private static Condition condition(Random chance, @Nullable Value there) {
        return switch (chance.nextInt(6)) {
            case 0 -> new Condition.Absent();
            case 1 -> new Condition.Revision(there == null ? 1 : there.revision());
            case 2 -> there == null ? Condition.NONE : new Condition.Revision(there.revision());
            case 3 -> there == null ? new Condition.Absent() : Condition.NONE;
            default -> Condition.NONE;
        };
    }

    private void note(
            Answered<List<Long>> answered, List<Operation> operations, TreeMap<String, Value> after, boolean holds) {
        if (answered.code().equals("broker.revision_conflict")) {
            check(!holds, "a condition that holds was found not to");
            happened.count("conflicts");
        } else if (answered.isUnknown()) {
            open = holds ? after : null;
        } else if (answered.isDone()) {
            check(holds, "a condition that does not hold was found to");
            check(open == null, "a change passed after one of which nothing is known");
            happened.count("changes acknowledged");
            List<Long> revisions = answered.result();
            for (int i = 0; i < operations.size(); i++) {
                Operation operation = operations.get(i);
                long revision = revisions.get(i);
                String key = operation.key().text();
                if (operation.condition() instanceof Condition.Revision) {
                    happened.count("compare-and-sets acknowledged");
                }
                boolean nothing = operation instanceof Operation.Delete && !alive().containsKey(key);
                check(nothing == (revision == 0), "revision " + revision + " of " + key);
                if (revision != 0) {
                    check(revision > lastRevision, "revision " + revision + " was given after " + lastRevision);
                    lastRevision = revision;
                    log.put(
                            revision,
                            operation instanceof Operation.Put put
                                    ? "PUT " + key + " " + new String(put.value(), UTF_8)
                                    : "DELETE " + key);
                }
                after.computeIfPresent(
                        key,
                        (_, value) -> value.revision() == NOT_ANSWERED
                                ? new Value(value.text(), revision, value.expires())
                                : value);
            }
            values = after;
        } else {
            check(
                    Set.of("", "broker.disk_full", "broker.store_read_only").contains(answered.code()),
                    "a change was refused with " + answered.code());
        }
    }

    private TreeMap<String, Value> alive() {
        return alive(values);
    }

    private TreeMap<String, Value> alive(Map<String, Value> of) {
        TreeMap<String, Value> alive = new TreeMap<>(of);
        alive.values().removeIf(value -> value.expires() != 0 && value.expires() <= time.millis());
        return alive;
    }

    private TreeMap<String, Value> read() {
        TreeMap<String, Value> found = new TreeMap<>();
        KeyPage page = keyValues.scan(USERS, "", 100, Optional.empty(), false);
        check(
                page.revision() >= lastRevision,
                "the last revision went from " + lastRevision + " to " + page.revision());
        for (KeyEntry entry : page.entries()) {
            long expires = entry.expires().map(Instant::toEpochMilli).orElse(0L);
            found.put(entry.key().text(), new Value(new String(entry.value(), UTF_8), entry.revision(), expires));
            check(entry.revision() <= page.revision(), "revision " + entry.revision() + " is above the last");
        }
        return found;
    }

    private void compare(Map<String, Value> expected, TreeMap<String, Value> found) {
        check(isSame(expected, found), () -> "expected " + alive(expected) + ", but found " + found);
    }

    private boolean isSame(Map<String, Value> expected, TreeMap<String, Value> found) {
        TreeMap<String, Value> alive = alive(expected);
        if (!alive.keySet().equals(found.keySet())) {
            return false;
        }
        Set<Long> revisions = new HashSet<>();
        return alive.entrySet().stream().allMatch(entry -> {
            Value wanted = entry.getValue();
            Value there = found.get(entry.getKey());
            boolean revision = wanted.revision() == NOT_ANSWERED
                    ? there.revision() > lastRevision
                    : there.revision() == wanted.revision();
            return revision
                    && revisions.add(there.revision())
                    && there.text().equals(wanted.text())
                    && there.expires() == wanted.expires();
        });
    }

    /**
     * Compares what somebody who watches from the beginning sees with what was answered.
     *
     * @param mayBeMore whether a call was done that was not answered
     */
    private boolean watch(boolean mayBeMore) {
        TreeMap<Long, String> seen = new TreeMap<>();
        // It does not wait where a change should be and is not, but says so.
        Thread.currentThread().interrupt();
        try (KeyWatch watch = keyValues.watch(USERS, new KeyFilter.Prefix(""), 1)) {
            while (!log.isEmpty() && watch.revision() < log.lastKey() || mayBeMore && seen.size() <= log.size()) {
                for (KeyChange change : watch.next().changes()) {
                    KeyEntry entry = change.entry();
                    switch (change.what()) {
                        case PUT ->
                            seen.put(entry.revision(), "PUT " + entry.key() + " " + new String(entry.value(), UTF_8));
                        case DELETE -> seen.put(entry.revision(), "DELETE " + entry.key());
                        case EXPIRE -> happened.count("expiries watched");
                    }
                }
            }
        } catch (BrokerException e) {
            check(e.code().equals("broker.interrupted"), e.getMessage());
        } finally {
            Thread.interrupted();
        }
        TreeMap<Long, String> known = new TreeMap<>(seen);
        if (mayBeMore && !log.isEmpty()) {
            known = new TreeMap<>(seen.headMap(log.lastKey(), true));
        } else if (mayBeMore) {
            known.clear();
        }
        check(known.equals(log), () -> "watched " + seen + ", but changed was " + log);
        log.putAll(seen);
        happened.count("watches read");
        return true;
    }

    @Override
    void removeIn(Change change, Resource resource) {
        keyValues.removeIn(change, resource);
    }

    @Override
    void removed() {
        values = new TreeMap<>();
        log.clear();
        open = null;
    }

    @Override
    void checkContent(Resource resource) {
        TreeMap<String, Value> found = read();
        boolean done = open != null && isSame(open, found);
        if (done) {
            happened.count("changes there though not answered");
        } else {
            if (open != null) {
                happened.count("changes gone that were not answered");
            }
            compare(values, found);
        }
        open = null;
        watch(done);
        values = found;
        lastRevision = Math.max(
                lastRevision,
                keyValues.scan(USERS, "", 1, Optional.empty(), true).revision());
    }
}
