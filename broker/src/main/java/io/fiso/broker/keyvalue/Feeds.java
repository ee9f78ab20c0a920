// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.keyvalue;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import io.fiso.broker.catalogue.Catalogue;
import io.fiso.broker.catalogue.Resource;
import io.fiso.broker.catalogue.ResourceName;
import io.fiso.broker.store.Store;
import io.fiso.broker.store.View;
import io.fiso.proto.broker.stored.v1.StoredKeyChange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Who watches which store, and what there is to see. Thread-safe. */
final class Feeds implements AutoCloseable {
    private static final int READ_TOGETHER = 256;
    private static final int READ_BYTES = 1024 * 1024;

    private final Store store;
    private final Catalogue catalogue;
    private final Map<Long, Set<KeyWatch>> watches = new ConcurrentHashMap<>();
    private volatile boolean closed;

    Feeds(Store store, Catalogue catalogue) {
        this.store = store;
        this.catalogue = catalogue;
    }

    /** The store that is watched: another of the same name is none of its. */
    record Place(ResourceName name, long id) {}

    KeyWatch watch(ResourceName name, KeyFilter filter, long from) {
        KeyWatch watch = store.read(view -> {
            Resource resource = catalogue.require(view, name);
            KeyTables tables = new KeyTables(view, resource);
            long last = tables.lastRevision();
            if (from < 0 || from > last + 1) {
                throw new BrokerException(
                        Kind.OUT_OF_RANGE,
                        "broker.revision_unknown",
                        "revision " + Long.toUnsignedString(from) + " has not been given; the next will be "
                                + (last + 1));
            }
            requireKnown(tables, from == 0 ? last : from - 1);
            return new KeyWatch(this, new Place(name, resource.id()), filter, from == 0 ? last : from - 1);
        });
        // A change between is read, since a watch reads before it waits.
        watches.compute(watch.place().id(), (_, there) -> {
            Set<KeyWatch> all = there == null ? ConcurrentHashMap.newKeySet() : there;
            all.add(watch);
            return all;
        });
        if (closed) {
            watch.end();
        }
        return watch;
    }

    void leave(KeyWatch watch) {
        watches.computeIfPresent(watch.place().id(), (_, there) -> {
            there.remove(watch);
            return there.isEmpty() ? null : there;
        });
    }

    void signal(long resource) {
        watches.getOrDefault(resource, Set.of()).forEach(KeyWatch::signal);
    }

    int watching() {
        return watches.values().stream().mapToInt(Set::size).sum();
    }

    KeyChanges read(Place place, KeyFilter filter, long after) {
        return store.read(view -> {
            KeyTables tables = new KeyTables(view, require(view, place));
            requireKnown(tables, after);
            List<KeyChange> found = new ArrayList<>();
            long[] reached = {after};
            boolean[] all = {true};
            int[] bytes = {0};
            view.scan(tables.table("changes"), KeyTables.number(after + 1), entry -> {
                if (found.size() == READ_TOGETHER || bytes[0] >= READ_BYTES) {
                    all[0] = false;
                    return false;
                }
                reached[0] = KeyTables.number(entry.key());
                StoredKeyChange change = KeyTables.parse(StoredKeyChange.parser(), entry.value());
                if (filter.matches(change.getKey())) {
                    bytes[0] += change.getValueSize();
                    found.add(change(tables, reached[0], change));
                }
                return true;
            });
            // So that it does not stay behind while other stores change.
            return new KeyChanges(found, all[0] ? tables.lastRevision() : reached[0]);
        });
    }

    private static KeyChange change(KeyTables tables, long revision, StoredKeyChange change) {
        KeyChange.What what = switch (change.getKind()) {
            case STORED_KEY_CHANGE_KIND_PUT -> KeyChange.What.PUT;
            case STORED_KEY_CHANGE_KIND_DELETE -> KeyChange.What.DELETE;
            case STORED_KEY_CHANGE_KIND_EXPIRE -> KeyChange.What.EXPIRE;
            case STORED_KEY_CHANGE_KIND_UNSPECIFIED, UNRECOGNIZED ->
                throw new BrokerException(
                        Kind.INTERNAL, "broker.store_damaged", "change " + revision + " is of no kind");
        };
        return new KeyChange(
                what,
                new KeyEntry(
                        new Key(change.getKey()),
                        what == KeyChange.What.PUT ? tables.value(revision) : new byte[0],
                        revision,
                        KeyTables.expires(change.getExpireMillis())));
    }

    private static void requireKnown(KeyTables tables, long after) {
        long first = tables.feed().getFirstRevision();
        if (after + 1 < first) {
            throw new BrokerException(
                    Kind.OUT_OF_RANGE,
                    "broker.revision_gone",
                    "changes from revision " + (after + 1) + " on are not known any more, only those from " + first
                            + "; scan, and watch from what that says");
        }
    }

    private Resource require(View view, Place place) {
        Resource resource = catalogue.require(view, place.name());
        if (resource.id() != place.id()) {
            throw new BrokerException(
                    Kind.NOT_FOUND,
                    "broker.resource_not_found",
                    place.name() + " was removed, and another made in its place; watch that one");
        }
        return resource;
    }

    @Override
    public void close() {
        closed = true;
        watches.values().forEach(there -> there.forEach(KeyWatch::end));
    }
}
