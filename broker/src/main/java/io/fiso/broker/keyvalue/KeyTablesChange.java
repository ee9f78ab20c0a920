// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.keyvalue;

import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import io.fiso.broker.alarm.NextAlarm;
import io.fiso.broker.catalogue.Resource;
import io.fiso.broker.store.Change;
import io.fiso.broker.store.Entry;
import io.fiso.proto.broker.stored.v1.StoredFeed;
import io.fiso.proto.broker.stored.v1.StoredKey;
import io.fiso.proto.broker.stored.v1.StoredKeyChange;
import io.fiso.proto.broker.stored.v1.StoredKeyChangeKind;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** One store's tables within a write. A value stays as long as its key has it or its put is one of the changes that are known. */
final class KeyTablesChange extends KeyTables {
    static final int CHANGES_MAX = 1_024;
    static final long CHANGES_BYTES_MAX = 64L * 1024 * 1024;
    private static final byte[] NOTHING = {};

    private final Change change;
    private final long now;
    private long nextExpiry = NextAlarm.NEVER;

    KeyTablesChange(Change change, Resource resource, long now) {
        super(change, resource);
        this.change = change;
        this.now = now;
    }

    /** When the first of those that were put expires. */
    long nextExpiry() {
        return nextExpiry;
    }

    /** Answers the revision; 0 for the delete of a key that is not there. */
    long apply(Operation operation) {
        StoredKey kept = kept(operation.key());
        if (kept != null && !isAlive(kept, now)) {
            // Its time is over, though nobody has noticed yet.
            expire(operation.key(), kept);
            kept = null;
        }
        require(operation, kept);
        return switch (operation) {
            case Operation.Put put -> put(put, kept);
            case Operation.Delete delete -> kept == null ? 0 : delete(delete.key(), kept);
        };
    }

    private void require(Operation operation, @Nullable StoredKey kept) {
        boolean holds = switch (operation.condition()) {
            case Condition.None _ -> true;
            case Condition.Absent _ -> kept == null;
            case Condition.Revision(long revision) -> kept != null && kept.getRevision() == revision;
        };
        if (!holds) {
            throw new BrokerException(
                    Kind.REFUSED,
                    "broker.revision_conflict",
                    "key \"" + operation.key() + "\" "
                            + (kept == null ? "is not there" : "has revision " + kept.getRevision())
                            + "; read it anew, and try again");
        }
    }

    private long put(Operation.Put put, @Nullable StoredKey kept) {
        long expires = switch (put.life()) {
            case Life.Forever _ -> 0;
            case Life.For(var ttl) -> now + ttl.toMillis();
            case Life.Default _ ->
                resource.keyValue()
                        .defaultTtl()
                        .map(ttl -> now + ttl.toMillis())
                        .orElse(0L);
        };
        if (kept != null) {
            takeOut(put.key(), kept);
        }
        long revision = nextRevision();
        change.put(table("values"), number(revision), put.value());
        change.put(
                table("keys"),
                put.key().bytes(),
                StoredKey.newBuilder()
                        .setRevision(revision)
                        .setExpireMillis(expires)
                        .build()
                        .toByteArray());
        if (expires != 0) {
            change.put(table("expiries"), expiry(expires, put.key()), NOTHING);
            nextExpiry = Math.min(nextExpiry, expires);
        }
        remember(
                revision,
                StoredKeyChange.newBuilder()
                        .setKind(StoredKeyChangeKind.STORED_KEY_CHANGE_KIND_PUT)
                        .setKey(put.key().text())
                        .setExpireMillis(expires)
                        .setValueSize(put.value().length));
        return revision;
    }

    private long delete(Key key, StoredKey kept) {
        return remove(key, kept, StoredKeyChangeKind.STORED_KEY_CHANGE_KIND_DELETE);
    }

    private void expire(Key key, StoredKey kept) {
        remove(key, kept, StoredKeyChangeKind.STORED_KEY_CHANGE_KIND_EXPIRE);
    }

    private long remove(Key key, StoredKey kept, StoredKeyChangeKind kind) {
        change.delete(table("keys"), key.bytes());
        takeOut(key, kept);
        long revision = nextRevision();
        remember(revision, StoredKeyChange.newBuilder().setKind(kind).setKey(key.text()));
        return revision;
    }

    /** Removes keys whose time is over. Answers how many; there may be more if that is as many as it may. */
    int sweep(int max) {
        for (int swept = 0; swept < max; swept++) {
            Entry first = change.first(table("expiries"));
            if (first == null || number(first.key()) > now) {
                return swept;
            }
            Key key = Key.of(Arrays.copyOfRange(first.key(), Long.BYTES, first.key().length));
            StoredKey kept = kept(key);
            if (kept == null || kept.getExpireMillis() != number(first.key())) {
                throw new BrokerException(
                        Kind.INTERNAL, "broker.store_damaged", "an expiry in " + resource.name() + " is of no key");
            }
            expire(key, kept);
        }
        return max;
    }

    private long nextRevision() {
        long revision = lastRevision() + 1;
        saveRevision(change, revision);
        return revision;
    }

    private void takeOut(Key key, StoredKey kept) {
        if (kept.getExpireMillis() != 0) {
            change.delete(table("expiries"), expiry(kept.getExpireMillis(), key));
        }
        if (kept.getRevision() < feed().getFirstRevision()) {
            // Nobody can ask for that put any more.
            change.delete(table("values"), number(kept.getRevision()));
        }
    }

    private void remember(long revision, StoredKeyChange.Builder made) {
        StoredKeyChange stored = made.build();
        change.put(table("changes"), number(revision), stored.toByteArray());
        StoredFeed.Builder feed = feed().toBuilder();
        feed.setChanges(feed.getChanges() + 1).setBytes(feed.getBytes() + stored.getValueSize());
        while (feed.getChanges() > CHANGES_MAX || feed.getBytes() > CHANGES_BYTES_MAX) {
            forgetFirst(feed);
        }
        change.put(FEEDS, number(resource.id()), feed.build().toByteArray());
    }

    private void forgetFirst(StoredFeed.Builder feed) {
        Entry first = change.ceiling(table("changes"), number(feed.getFirstRevision()));
        if (first == null) {
            throw new BrokerException(
                    Kind.INTERNAL,
                    "broker.store_damaged",
                    "the changes of " + resource.name() + " are fewer than was counted");
        }
        StoredKeyChange oldest = parse(StoredKeyChange.parser(), first.value());
        long revision = number(first.key());
        change.delete(table("changes"), first.key());
        feed.setFirstRevision(revision + 1)
                .setChanges(feed.getChanges() - 1)
                .setBytes(feed.getBytes() - oldest.getValueSize());
        if (oldest.getKind() == StoredKeyChangeKind.STORED_KEY_CHANGE_KIND_PUT) {
            StoredKey kept = kept(new Key(oldest.getKey()));
            if (kept == null || kept.getRevision() != revision) {
                change.delete(table("values"), number(revision));
            }
        }
    }

    static void drop(Change change, long resource) {
        for (String what : new String[] {"keys", "values", "changes", "expiries"}) {
            change.drop(table(resource, what));
        }
        change.delete(FEEDS, number(resource));
    }

    private static byte[] expiry(long millis, Key key) {
        byte[] bytes = key.bytes();
        return ByteBuffer.allocate(Long.BYTES + bytes.length)
                .putLong(millis)
                .put(bytes)
                .array();
    }
}
