// SPDX-FileCopyrightText: The Fiso Authors
// SPDX-License-Identifier: Apache-2.0
package io.fiso.sdk.delivery;

import java.util.HashMap;
import java.util.Map;

/**
 * Order keys, by hash, that are held at a replica by unsettled events though their place is another one by now. Empty except while replicas
 * come in. A key that never rests stays held; it flows all the same.
 */
final class KeyPins {
    private final Map<Integer, Pin> pins = new HashMap<>();
    private boolean any;

    private static final class Pin {
        final int replica;
        long unsettled;

        Pin(int replica) {
            this.replica = replica;
        }
    }

    int size() {
        return pins.size();
    }

    boolean any() {
        return any;
    }

    void clear() {
        pins.clear();
        any = false;
    }

    /** An event of this key is unsettled at a replica that is not its place. */
    void pin(int hash, int replica) {
        pins.computeIfAbsent(hash, _ -> new Pin(replica)).unsettled++;
        any = true;
    }

    /** Another event of this key comes in: where it must go, -1 if the key is not held. */
    int added(int hash) {
        if (!any) {
            return -1;
        }
        Pin pin = pins.get(hash);
        if (pin == null) {
            return -1;
        }
        pin.unsettled++;
        return pin.replica;
    }

    /** An event of this key is no longer unsettled at this replica. */
    void left(int hash, int replica) {
        Pin pin = pins.get(hash);
        if (pin != null && pin.replica == replica && --pin.unsettled == 0) {
            pins.remove(hash);
            any = !pins.isEmpty();
        }
    }
}
