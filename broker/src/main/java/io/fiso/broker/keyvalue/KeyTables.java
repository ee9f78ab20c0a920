// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.keyvalue;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import io.fiso.broker.catalogue.Resource;
import io.fiso.broker.store.Change;
import io.fiso.broker.store.View;
import io.fiso.proto.broker.stored.v1.StoredFeed;
import io.fiso.proto.broker.stored.v1.StoredKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One store's tables, as a view shows them:
 *
 * <ul>
 *   <li>{@code keys}: key to {@link StoredKey}.
 *   <li>{@code values}: revision to value, of the keys that are there and of the changes that are known.
 *   <li>{@code changes}: revision to {@code StoredKeyChange}, of the changes that are known.
 *   <li>{@code expiries}: moment and key to nothing.
 * </ul>
 */
class KeyTables {
    static final String FEEDS = "kv";
    private static final String REVISION = "kv.revision";
    private static final byte[] LAST = "last".getBytes(StandardCharsets.UTF_8);

    final Resource resource;
    private final View view;

    KeyTables(View view, Resource resource) {
        this.view = view;
        this.resource = resource;
    }

    static String table(long resource, String what) {
        return "kv." + resource + "." + what;
    }

    final String table(String what) {
        return table(resource.id(), what);
    }

    static byte[] number(long number) {
        return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
    }

    static long number(byte[] bytes) {
        return ByteBuffer.wrap(bytes).getLong();
    }

    /** The last revision that was given, in any store. */
    final long lastRevision() {
        byte[] stored = view.get(REVISION, LAST);
        return stored == null ? 0 : number(stored);
    }

    static void saveRevision(Change change, long revision) {
        change.put(REVISION, LAST, number(revision));
    }

    final StoredFeed feed() {
        byte[] stored = view.get(FEEDS, number(resource.id()));
        return stored == null ? StoredFeed.getDefaultInstance() : parse(StoredFeed.parser(), stored);
    }

    /** What is kept of a key, though its time may be over; null if nothing is. */
    final @Nullable StoredKey kept(Key key) {
        byte[] stored = view.get(table("keys"), key.bytes());
        return stored == null ? null : parse(StoredKey.parser(), stored);
    }

    static boolean isAlive(StoredKey key, long now) {
        return key.getExpireMillis() == 0 || key.getExpireMillis() > now;
    }

    final byte[] value(long revision) {
        byte[] value = view.get(table("values"), number(revision));
        if (value == null) {
            throw new BrokerException(
                    Kind.INTERNAL,
                    "broker.store_damaged",
                    "revision " + revision + " of " + resource.name() + " has no value");
        }
        return value;
    }

    static Optional<Instant> expires(long millis) {
        return millis == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
    }

    static <M extends Message> M parse(Parser<M> parser, byte[] stored) {
        try {
            return parser.parseFrom(stored);
        } catch (InvalidProtocolBufferException e) {
            throw new BrokerException(
                    Kind.INTERNAL, "broker.store_damaged", "what is kept of a key-value store cannot be read: " + e, e);
        }
    }
}
