// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.broker.catalogue;

import com.google.protobuf.InvalidProtocolBufferException;
import io.fiso.broker.BrokerException;
import io.fiso.broker.BrokerException.Kind;
import io.fiso.broker.store.Change;
import io.fiso.broker.store.Durability;
import io.fiso.broker.store.Entry;
import io.fiso.broker.store.Store;
import io.fiso.broker.store.View;
import io.fiso.proto.broker.stored.v1.StoredResource;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/** The resources there are. Each is kept under its name; what it holds, under its number. */
public final class Catalogue {
    private static final String RESOURCES = "resources";
    private static final String NUMBERS = "numbers";
    private static final byte[] LAST_RESOURCE = "resource".getBytes(StandardCharsets.UTF_8);

    private final Store store;
    private final InstantSource clock;

    public Catalogue(Store store, InstantSource clock) {
        this.store = store;
        this.clock = clock;
    }

    /**
     * Makes a resource; one that is there with the same settings is answered as if it had been made. Blocks until it is on disk.
     *
     * @throws BrokerException if there is one with other settings
     */
    public Resource create(ResourceName name, Durability durability, Settings settings) {
        return store.write(Durability.FSYNC, change -> createIn(change, name, durability, settings));
    }

    /** The same as a part of a larger change. */
    public Resource createIn(Change change, ResourceName name, Durability durability, Settings settings) {
        Optional<Resource> there = find(change, name);
        if (there.isPresent()) {
            if (there.get().durability() != durability
                    || !there.get().settings().equals(settings)) {
                throw new BrokerException(
                        Kind.EXISTS,
                        "broker.resource_exists",
                        name + " is there already, with other settings: "
                                + there.get().settings() + ", " + there.get().durability());
            }
            return there.get();
        }
        byte[] last = change.get(NUMBERS, LAST_RESOURCE);
        long id = last == null ? 1 : ByteBuffer.wrap(last).getLong() + 1;
        Resource made = new Resource(id, name, durability, settings, clock.instant());
        change.put(
                NUMBERS,
                LAST_RESOURCE,
                ByteBuffer.allocate(Long.BYTES).putLong(id).array());
        StoredResource stored = StoredResource.newBuilder()
                .setId(id)
                .setResource(WireResource.of(made))
                .build();
        change.put(RESOURCES, key(name), stored.toByteArray());
        return made;
    }

    /**
     * Removes a resource.
     *
     * @param contents removes what it holds, in the same commit
     * @throws BrokerException if there is none
     */
    public void delete(ResourceName name, BiConsumer<Change, Resource> contents) {
        store.free(Durability.FSYNC, change -> {
            Resource there = require(change, name);
            change.delete(RESOURCES, key(name));
            contents.accept(change, there);
            return there;
        });
    }

    /** @throws BrokerException if there is none */
    public Resource require(View view, ResourceName name) {
        return find(view, name)
                .orElseThrow(() -> new BrokerException(
                        Kind.NOT_FOUND, "broker.resource_not_found", "there is no " + name + "; create it first"));
    }

    public Optional<Resource> find(View view, ResourceName name) {
        return Optional.ofNullable(view.get(RESOURCES, key(name))).map(value -> resource(name.toString(), value));
    }

    /**
     * The resources whose names begin like this, by name.
     *
     * @param prefix {@code tenant/namespace/}, say; empty for all
     */
    public List<Resource> list(View view, String prefix) {
        List<Resource> found = new ArrayList<>();
        view.scan(RESOURCES, prefix.getBytes(StandardCharsets.UTF_8), (Entry entry) -> {
            String name = new String(entry.key(), StandardCharsets.UTF_8);
            if (!name.startsWith(prefix)) {
                return false;
            }
            found.add(resource(name, entry.value()));
            return true;
        });
        return found;
    }

    private static Resource resource(String name, byte[] stored) {
        try {
            StoredResource read = StoredResource.parseFrom(stored);
            return WireResource.stored(read.getId(), read.getResource());
        } catch (InvalidProtocolBufferException e) {
            throw new BrokerException(
                    Kind.INTERNAL, "broker.store_damaged", "what is kept of " + name + " cannot be read: " + e, e);
        }
    }

    private static byte[] key(ResourceName name) {
        return name.toString().getBytes(StandardCharsets.UTF_8);
    }
}
