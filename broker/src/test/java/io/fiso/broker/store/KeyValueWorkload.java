// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.InvalidProtocolBufferException;
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
import io.fiso.proto.broker.stored.v1.StoredKey;
import java.nio.ByteBuffer;
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
    private Store store;
    private KeyValues keyValues;

    /** What was changed since the store was made, by revision; keys whose time was over are not in it. */
    private final TreeMap<Long, String> log = new TreeMap<>();

    /** What somebody was told who watches, and after each crash goes on where he was. */
    private final TreeMap<Long, String> told = new TreeMap<>();

    private long tellNext = 1;

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
        this.store = store;
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
            case 1 -> new Condition.Revision(there == null ? 1 : there.revision() - chance.nextInt(2));
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
                                    ? "PUT " + key + " " + after.get(key).expires() + " " + KeptTables.text(put.value())
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
            found.put(entry.key().text(), new Value(KeptTables.text(entry.value()), entry.revision(), expires));
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
     * Compares what is seen by those who watch with what was answered.
     *
     * @param mayBeMore whether a call was done that was not answered
     */
    private boolean watch(boolean mayBeMore) {
        TreeMap<Long, String> all = new TreeMap<>();
        watch(new KeyFilter.Prefix(""), 1, all);
        TreeMap<Long, String> known = new TreeMap<>(all);
        known.values().removeIf(change -> change.startsWith("EXPIRE "));
        TreeMap<Long, String> seen = new TreeMap<>(known);
        if (mayBeMore) {
            known.tailMap(log.isEmpty() ? 0 : log.lastKey(), false).clear();
        }
        check(known.equals(log), () -> "watched " + all + ", but changed was " + log);
        log.putAll(seen);

        tellNext = watch(new KeyFilter.Prefix(""), tellNext, told);
        check(told.equals(all), () -> "who went on was told " + told + " instead of " + all);
        checkWatchedInPart(all);
        happened.count("watches read");
        return true;
    }

    /** Who sees some of the keys, or begins in the middle, sees all that he should. */
    private void checkWatchedInPart(TreeMap<Long, String> all) {
        long middle = all.keySet().stream().skip(all.size() / 2).findFirst().orElse(1L);
        for (KeyFilter filter : List.of(new KeyFilter.Prefix("k1"), new KeyFilter.One(new Key("k" + middle % KEYS)))) {
            TreeMap<Long, String> seen = new TreeMap<>();
            watch(filter, middle, seen);
            TreeMap<Long, String> expected = new TreeMap<>(all.tailMap(middle, true));
            expected.values().removeIf(change -> !filter.matches(change.split(" ")[1]));
            check(
                    seen.equals(expected),
                    () -> "of " + filter + " from " + middle + " on was watched " + seen + " instead of " + expected);
        }
    }

    /** Watches until there is nothing more. Answers where to go on. */
    private long watch(KeyFilter filter, long from, TreeMap<Long, String> into) {
        // It does not wait for what is to come, but says so.
        Thread.currentThread().interrupt();
        try (KeyWatch watch = keyValues.watch(USERS, filter, from)) {
            try {
                while (true) {
                    watch.next()
                            .changes()
                            .forEach(change -> into.put(change.entry().revision(), text(change)));
                }
            } catch (BrokerException e) {
                check(e.code().equals("broker.interrupted"), e.getMessage());
                return watch.revision() + 1;
            }
        } finally {
            Thread.interrupted();
        }
    }

    private String text(KeyChange change) {
        KeyEntry entry = change.entry();
        if (change.what() == KeyChange.What.EXPIRE) {
            happened.count("expiries watched");
        }
        return change.what() + " " + entry.key()
                + (change.what() == KeyChange.What.PUT
                        ? " " + entry.expires().map(Instant::toEpochMilli).orElse(0L) + " "
                                + KeptTables.text(entry.value())
                        : "");
    }

    /** What is kept is what the changes come to, each value once, and an expiry for what has one. */
    private void checkTables(long number) {
        Map<String, Long> revisions = new TreeMap<>();
        Map<String, String> expiries = new TreeMap<>();
        told.forEach((revision, change) -> {
            String[] words = change.split(" ");
            revisions.remove(words[1]);
            expiries.remove(words[1]);
            if (words[0].equals("PUT")) {
                revisions.put(words[1], revision);
                if (!words[2].equals("0")) {
                    expiries.put(words[1], words[2]);
                }
            }
        });
        check(
                expiries.values().stream().allMatch(expires -> Long.parseLong(expires) > time.millis()),
                () -> "at " + time.millis() + " the time of some is over, and nobody was told: " + expiries);
        long puts = told.values().stream()
                .filter(change -> change.startsWith("PUT "))
                .count();
        store.read(view -> {
            Map<String, Long> keys = new TreeMap<>();
            for (Entry entry : KeptTables.entries(view, table(number, "keys"))) {
                keys.put(KeptTables.text(entry.key()), stored(entry).getRevision());
            }
            check(keys.equals(revisions), () -> "kept are " + keys + ", but the changes come to " + revisions);
            Map<String, String> ends = new TreeMap<>();
            for (Entry entry : KeptTables.entries(view, table(number, "expiries"))) {
                ByteBuffer key = ByteBuffer.wrap(entry.key());
                String expires = Long.toString(key.getLong());
                ends.put(UTF_8.decode(key).toString(), expires);
            }
            check(ends.equals(expiries), () -> "to expire are " + ends + ", but should " + expiries);
            KeptTables.checkCount(view, Set.of(table(number, "expiries")), expiries.size(), "keys that expire");
            KeptTables.checkCount(view, Set.of(table(number, "values")), puts, "values that can be asked for");
            KeptTables.checkCount(view, Set.of(table(number, "changes")), told.size(), "changes");
            return true;
        });
    }

    private static StoredKey stored(Entry entry) {
        try {
            return StoredKey.parseFrom(entry.value());
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("a key is kept as something else", e);
        }
    }

    private static String table(long number, String what) {
        return "kv." + number + "." + what;
    }

    @Override
    Set<String> tablesOf(long number) {
        return Set.of(
                table(number, "keys"), table(number, "values"), table(number, "changes"), table(number, "expiries"));
    }

    @Override
    void removeIn(Change change, Resource resource) {
        keyValues.removeIn(change, resource);
    }

    @Override
    void removed() {
        values = new TreeMap<>();
        log.clear();
        told.clear();
        tellNext = 1;
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
        // What is due rings now: nobody is told late because the broker was away.
        time.advanceMillis(0);
        watch(false);
        checkTables(resource.id());
    }
}
