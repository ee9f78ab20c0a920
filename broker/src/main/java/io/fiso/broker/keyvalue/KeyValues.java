// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.keyvalue;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import io.fiso.broker.alarm.Alarms;
import io.fiso.broker.alarm.NextAlarm;
import io.fiso.broker.alarm.Writes;
import io.fiso.broker.catalogue.Catalogue;
import io.fiso.broker.catalogue.Resource;
import io.fiso.broker.catalogue.ResourceName;
import io.fiso.broker.catalogue.Settings;
import io.fiso.broker.store.Change;
import io.fiso.broker.store.Entry;
import io.fiso.broker.store.Store;
import io.fiso.proto.broker.stored.v1.StoredKey;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Values under keys.
 *
 * <ol>
 *   <li>Every change has a revision, higher than all before it in any store; none is given again, whatever is deleted and made anew.
 *   <li>A key whose time is over is not there, though it is removed, and said to be, a little later. Each put sets that time anew.
 *   <li>A watch sees every change of its store in order of revisions, or is told that it cannot.
 * </ol>
 *
 * Every method blocks until its change is as durable as the store says, and throws {@link BrokerException}: {@code broker.resource_not_found} if there is no such
 * store. Thread-safe. Close it before the store.
 */
public final class KeyValues implements AutoCloseable {
    public static final int ENTRIES_MAX = 1_000;
    /** The entries of one page, if they are more than one: clients of gRPC take messages of 4 MiB unless told otherwise. */
    static final int PAGE_BYTES_MAX = 3 * 1024 * 1024;
    /** What an entry has besides its key and its value, and not less. */
    private static final int AROUND_BYTES = 512;

    /** How many keys one commit removes because their time is over. */
    static final int SWEPT_TOGETHER = 256;

    private static final System.Logger LOG = System.getLogger(KeyValues.class.getName());
    private static final long PAUSE_AFTER_FAILURE_MILLIS = 5_000;

    private final Store store;
    private final Catalogue catalogue;
    private final Alarms alarms;
    private final InstantSource clock;
    private final Writes writes;
    private final Feeds feeds;
    private final Map<Long, NextAlarm> sweeps = new ConcurrentHashMap<>();
    private volatile boolean closed;

    public KeyValues(Store store, Catalogue catalogue, Alarms alarms, InstantSource clock) {
        this.store = store;
        this.catalogue = catalogue;
        this.alarms = alarms;
        this.clock = clock;
        this.writes = new Writes(store, alarms, clock);
        this.feeds = new Feeds(store, catalogue);
    }

    /** Sets the alarms of keys that were there when the broker stopped. Called once, before anything else. */
    public void start() {
        store.read(view -> catalogue.list(view, "")).stream()
                .filter(resource -> resource.settings() instanceof Settings.KeyValue)
                .forEach(this::setAlarm);
    }

    /** Empty if it is not there. */
    public Optional<KeyEntry> get(ResourceName name, Key key) {
        return store.read(view -> {
            KeyTables tables = new KeyTables(view, catalogue.require(view, name));
            StoredKey kept = tables.kept(key);
            return kept == null || !KeyTables.isAlive(kept, clock.millis())
                    ? Optional.empty()
                    : Optional.of(entry(tables, key, kept, false));
        });
    }

    /**
     * Makes changes one after the other, all or none.
     *
     * @param operations 1 to {@link #ENTRIES_MAX}
     * @return the revision of each; 0 for the delete of a key that was not there
     * @throws BrokerException {@code broker.revision_conflict} if a condition does not hold
     */
    public List<Long> change(ResourceName name, List<Operation> operations) {
        requireCount(operations.size());
        Resource found = store.read(view -> catalogue.require(view, name));
        Function<Change, Writes.Written<List<Long>>> write = change -> {
            Resource resource = catalogue.require(change, name);
            KeyTablesChange tables = new KeyTablesChange(change, resource, clock.millis());
            List<Long> revisions = new ArrayList<>();
            operations.forEach(operation -> revisions.add(tables.apply(operation)));
            return new Writes.Written<>(revisions, () -> {
                feeds.signal(resource.id());
                sweep(resource).noLaterThan(tables.nextExpiry());
            });
        };
        boolean onlyDeletes = operations.stream().allMatch(Operation.Delete.class::isInstance);
        return onlyDeletes ? writes.free(found.durability(), write) : writes.write(found.durability(), write);
    }

    /** The revision of {@link #change} with this alone. */
    public long change(ResourceName name, Operation operation) {
        return change(name, List.of(operation)).getFirst();
    }

    /**
     * A page of the keys that begin like this, in order of their bytes.
     *
     * @param max 1 to {@link #ENTRIES_MAX}; fewer come if they have more than 3 MiB together, with their keys
     * @param token from the page before
     * @param keysOnly whether to leave the values out
     */
    public KeyPage scan(ResourceName name, String prefix, int max, Optional<String> token, boolean keysOnly) {
        requireCount(max);
        byte[] begin = prefix.getBytes(StandardCharsets.UTF_8);
        byte[] from = token.map(KeyValues::place).orElse(begin);
        return store.read(view -> {
            KeyTables tables = new KeyTables(view, catalogue.require(view, name));
            long now = clock.millis();
            List<KeyEntry> found = new ArrayList<>();
            byte[][] next = {null};
            int[] bytes = {0};
            view.scan(tables.table("keys"), from, entry -> {
                if (!startsWith(entry.key(), begin)) {
                    // Before the prefix only if the token was of another scan.
                    return Arrays.compareUnsigned(entry.key(), begin) < 0;
                }
                StoredKey kept = KeyTables.parse(StoredKey.parser(), entry.value());
                if (!KeyTables.isAlive(kept, now)) {
                    return true;
                }
                if (found.size() == max || bytes[0] >= PAGE_BYTES_MAX) {
                    next[0] = entry.key();
                    return false;
                }
                KeyEntry read = entry(tables, Key.of(entry.key()), kept, keysOnly);
                int size = entry.key().length + read.value().length + AROUND_BYTES;
                if (!found.isEmpty() && bytes[0] + size > PAGE_BYTES_MAX) {
                    next[0] = entry.key();
                    return false;
                }
                bytes[0] += size;
                return found.add(read);
            });
            return new KeyPage(
                    found,
                    Optional.ofNullable(next[0])
                            .map(key -> Base64.getUrlEncoder().withoutPadding().encodeToString(key)),
                    tables.lastRevision());
        });
    }

    /**
     * What changes.
     *
     * @param from the first revision to see; 0 for what comes from now on
     * @throws BrokerException {@code broker.revision_gone} if the changes since are not all known any more, {@code broker.revision_unknown} if they are to come
     */
    public KeyWatch watch(ResourceName name, KeyFilter filter, long from) {
        return feeds.watch(name, filter, from);
    }

    /** How many watches there are. */
    public int watching() {
        return feeds.watching();
    }

    /** Removes what a store holds: see {@code Catalogue.delete}. Nothing happens for a resource of another kind. */
    public void removeIn(Change change, Resource resource) {
        if (resource.settings() instanceof Settings.KeyValue) {
            KeyTablesChange.drop(change, resource.id());
            writes.settled(() -> {
                sweeps.remove(resource.id());
                feeds.signal(resource.id());
            });
        }
    }

    private static KeyEntry entry(KeyTables tables, Key key, StoredKey kept, boolean keyOnly) {
        return new KeyEntry(
                key,
                keyOnly ? new byte[0] : tables.value(kept.getRevision()),
                kept.getRevision(),
                KeyTables.expires(kept.getExpireMillis()));
    }

    private NextAlarm sweep(Resource resource) {
        NextAlarm alarm = sweeps.computeIfAbsent(resource.id(), _ -> new NextAlarm(alarms, () -> rung(resource)));
        if (closed) {
            alarm.close();
        }
        return alarm;
    }

    private void rung(Resource resource) {
        if (closed) {
            return;
        }
        try {
            while (sweepOnce(resource) == SWEPT_TOGETHER) {
                // There may be more.
            }
            setAlarm(resource);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.WARNING, "broker: the alarm of " + resource.name() + " failed", e);
            sweep(resource).noLaterThan(clock.millis() + PAUSE_AFTER_FAILURE_MILLIS);
        }
    }

    private int sweepOnce(Resource resource) {
        if (nextExpiry(resource) > clock.millis()) {
            return 0;
        }
        return writes.free(resource.durability(), change -> {
            int swept = new KeyTablesChange(change, resource, clock.millis()).sweep(SWEPT_TOGETHER);
            return new Writes.Written<>(swept, () -> feeds.signal(resource.id()));
        });
    }

    private long nextExpiry(Resource resource) {
        Long next = store.read(view -> {
            Entry first = view.first(KeyTables.table(resource.id(), "expiries"));
            return first == null ? NextAlarm.NEVER : KeyTables.number(first.key());
        });
        return next;
    }

    private void setAlarm(Resource resource) {
        sweep(resource).noLaterThan(nextExpiry(resource));
    }

    private static boolean startsWith(byte[] key, byte[] begin) {
        return key.length >= begin.length && Arrays.equals(key, 0, begin.length, begin, 0, begin.length);
    }

    private static byte[] place(String token) {
        try {
            byte[] key = Base64.getUrlDecoder().decode(token);
            if (key.length > 0 && key.length <= Key.BYTES_MAX) {
                return key;
            }
        } catch (IllegalArgumentException _) {
            // As one of no length.
        }
        throw new BrokerException(
                Kind.INVALID, "broker.page_token_invalid", "the page token is none that came with a page of keys");
    }

    private static void requireCount(int found) {
        if (found < 1 || found > ENTRIES_MAX) {
            throw new BrokerException(
                    Kind.INVALID,
                    "broker.count_invalid",
                    Integer.toUnsignedString(found) + " were asked for; it can be 1 to " + ENTRIES_MAX);
        }
    }

    /** Who watches is told that the broker stops. */
    @Override
    public void close() {
        closed = true;
        sweeps.values().forEach(NextAlarm::close);
        feeds.close();
    }
}
