// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.runtime;

import io.fiso.sdk.DeliveryException;
import io.fiso.sdk.delivery.BatchTask;
import io.fiso.sdk.event.WireEvent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Which events of a batch the sink is given: all of them, or those that it has not delivered before. */
final class Selection {
    private final @Nullable DeliveredEvents delivered;
    private final int[] places;
    private int given;

    // Only with a memory.
    private final @Nullable EventHash[] hashes;
    private final Map<EventHash, Integer> first = new HashMap<>();
    private final Map<Integer, DeliveryException> failures = new HashMap<>();
    private int known;

    /** @param delivered what was delivered before; null to give every event */
    Selection(int size, @Nullable DeliveredEvents delivered) {
        this.delivered = delivered;
        this.places = new int[size];
        this.hashes = new EventHash[delivered == null ? 0 : size];
    }

    /** Takes the next event of the batch; true if it is to be given to the sink. */
    boolean take(int place, WireEvent event) {
        DeliveredEvents memory = delivered;
        if (memory != null) {
            EventHash hash = EventHash.of(event);
            if (memory.contains(hash)) {
                known++;
                return false;
            }
            hashes[place] = hash;
            if (first.putIfAbsent(hash, place) != null) {
                return false;
            }
        }
        places[given++] = place;
        return true;
    }

    /** Where the event with this index among those given stands in the batch. */
    int place(int index) {
        return places[Objects.checkIndex(index, given)];
    }

    void failed(int place, DeliveryException reason) {
        if (delivered != null) {
            failures.put(place, reason);
        }
    }

    /** The outside has what was given and did not fail: remembers it, before the batch settles. */
    void settled(BatchTask batch) throws IOException {
        DeliveredEvents memory = delivered;
        if (memory == null) {
            return;
        }
        List<EventHash> reached = new ArrayList<>();
        int repeats = known;
        for (int place = 0; place < hashes.length; place++) {
            EventHash hash = hashes[place];
            if (hash == null) {
                continue;
            }
            int leader = Objects.requireNonNull(first.get(hash));
            DeliveryException reason = failures.get(leader);
            if (leader == place) {
                if (reason == null) {
                    reached.add(hash);
                }
            } else if (reason == null) {
                repeats++;
            } else {
                // The same event twice in a batch has one fate.
                batch.failed(place, reason);
            }
        }
        memory.delivered(reached);
        memory.recognised(repeats);
    }
}
