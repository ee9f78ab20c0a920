// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.service;

import com.google.protobuf.UnsafeByteOperations;
import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import io.fiso.broker.keyvalue.Condition;
import io.fiso.broker.keyvalue.Key;
import io.fiso.broker.keyvalue.KeyChange;
import io.fiso.broker.keyvalue.KeyEntry;
import io.fiso.broker.keyvalue.KeyFilter;
import io.fiso.broker.keyvalue.Life;
import io.fiso.broker.keyvalue.Operation;
import io.fiso.proto.broker.v1.DeleteKeyRequest;
import io.fiso.proto.broker.v1.KeyChangeKind;
import io.fiso.proto.broker.v1.KeyCondition;
import io.fiso.proto.broker.v1.KeyOperation;
import io.fiso.proto.broker.v1.PutKeyRequest;
import io.fiso.proto.broker.v1.WatchKeysRequest;

/** Keys as they travel. */
final class WireKeys {
    private WireKeys() {}

    static Operation operation(KeyOperation wire) {
        return switch (wire.getOperationCase()) {
            case PUT -> put(wire.getPut());
            case DELETE -> delete(wire.getDelete());
            case OPERATION_NOT_SET ->
                throw invalid("broker.operation_invalid", "an operation is neither put nor delete");
        };
    }

    static Operation put(PutKeyRequest wire) {
        if (wire.getValue().size() > Operation.VALUE_BYTES_MAX) {
            // Before it is copied.
            throw Operation.tooLarge(wire.getValue().size());
        }
        Life life = switch (wire.getLifeCase()) {
            case TTL -> new Life.For(WireTimes.duration(wire.getTtl()));
            case FOREVER -> {
                requireTrue("forever", wire.getForever());
                yield new Life.Forever();
            }
            case LIFE_NOT_SET -> new Life.Default();
        };
        return new Operation.Put(
                new Key(wire.getKey()), wire.getValue().toByteArray(), life, condition(wire.getCondition()));
    }

    static Operation delete(DeleteKeyRequest wire) {
        return new Operation.Delete(new Key(wire.getKey()), condition(wire.getCondition()));
    }

    private static Condition condition(KeyCondition wire) {
        return switch (wire.getWantedCase()) {
            case REVISION -> new Condition.Revision(wire.getRevision());
            case ABSENT -> {
                requireTrue("condition.absent", wire.getAbsent());
                yield new Condition.Absent();
            }
            case WANTED_NOT_SET -> Condition.NONE;
        };
    }

    static KeyFilter filter(WatchKeysRequest wire) {
        return switch (wire.getWhichCase()) {
            case KEY -> new KeyFilter.One(new Key(wire.getKey()));
            case PREFIX -> new KeyFilter.Prefix(wire.getPrefix());
            case WHICH_NOT_SET -> new KeyFilter.Prefix("");
        };
    }

    static io.fiso.proto.broker.v1.KeyEntry of(KeyEntry entry) {
        io.fiso.proto.broker.v1.KeyEntry.Builder wire = io.fiso.proto.broker.v1.KeyEntry.newBuilder()
                .setKey(entry.key().text())
                // Nobody changes the array: see KeyEntry.
                .setValue(UnsafeByteOperations.unsafeWrap(entry.value()))
                .setRevision(entry.revision());
        entry.expires().ifPresent(expires -> wire.setExpireTime(WireTimes.of(expires)));
        return wire.build();
    }

    static io.fiso.proto.broker.v1.KeyChange of(KeyChange change) {
        return io.fiso.proto.broker.v1.KeyChange.newBuilder()
                .setKind(
                        switch (change.what()) {
                            case PUT -> KeyChangeKind.KEY_CHANGE_KIND_PUT;
                            case DELETE -> KeyChangeKind.KEY_CHANGE_KIND_DELETE;
                            case EXPIRE -> KeyChangeKind.KEY_CHANGE_KIND_EXPIRE;
                        })
                .setEntry(of(change.entry()))
                .build();
    }

    private static void requireTrue(String what, boolean found) {
        if (!found) {
            throw invalid("broker.flag_invalid", what + " is false; leave it out");
        }
    }

    private static BrokerException invalid(String code, String message) {
        return new BrokerException(Kind.INVALID, code, message);
    }
}
